/* The journal in the state folder, from a hand-over to the start after it: journal.json. */
#ifndef STATE_JOURNAL_FILE_H
#define STATE_JOURNAL_FILE_H

struct journal;
struct json;

/* Writes the newest events of `journal` (mode 0600). 0 or a negative errno. */
int journal_file_write(const char *folder, const struct journal *journal);

/* Reads the file and removes it, because it is true for one start only. A tree for journal_restore(), to
 * be freed with json_free(); NULL where there is none. A damaged one is logged. */
struct json *journal_file_take(const char *folder);

#endif
