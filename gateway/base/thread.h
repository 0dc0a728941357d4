/* Threads that no signal interrupts: signals are for the loop, and one that a thread does not block would end the
 * process by its default (pthread_sigmask(3)). */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/* As pthread_create(3), with every signal blocked in the new thread from its first instruction on. 0 or a negative
 * errno. */
int thread_start(pthread_t *ret_thread, void *(*run)(void *argument), void *argument);

#endif
