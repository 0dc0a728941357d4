/* An intrusive, circular, doubly linked list. The list owns nothing: a member lives in its owner
 * and must be removed before the owner is freed. Removing a member that stands in no list is legal. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *previous;
};

static inline void list_init(struct list *list)
{
    list->next = list->previous = list;
}

static inline bool list_is_empty(const struct list *list)
{
    return list->next == list;
}

static inline void list_append(struct list *list, struct list *member)
{
    member->previous = list->previous;
    member->next = list;
    list->previous->next = member;
    list->previous = member;
}

static inline void list_remove(struct list *member)
{
    if (!member->next)
        return;
    member->previous->next = member->next;
    member->next->previous = member->previous;
    list_init(member);
}

/* Walks the list at `head`; the current member may be removed and freed in the body, no other may. */
#define LIST_FOR_EACH(member, head)                                                                \
    for (struct list *member = (head)->next, *member##_next = member->next; member != (head);      \
         member = member##_next, member##_next = member->next)

#endif
