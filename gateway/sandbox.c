/* Both parts together. */
#include "sandbox.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

bool sandbox_is_wanted(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    return false;
#else
    const char *word = getenv("GPIO_GATEWAY_SANDBOX");
    return !word || strcmp(word, "off") != 0;
#endif
}

static const char *word_of(int error)
{
    return error == 0 ? "on" : error == -ENOSYS ? "missing" : strerror(-error);
}

/* What a machine has not is left away; what it has not now, it has later, and half a fence is none. */
static bool is_scarce(int error)
{
    return error == -ENOMEM || error == -EMFILE || error == -ENFILE || error == -EAGAIN;
}

int sandbox_close(const struct sandbox_paths *paths)
{
    if (!sandbox_is_wanted()) {
        log_debug("sandbox=off");
        return 0;
    }
    /* Both ask for it: no program that is started could get more rights than its starter. */
    int error = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
    int files = error ? error : sandbox_close_files(paths);
    int calls = error ? error : sandbox_close_calls();
    if (is_scarce(files) || is_scarce(calls))
        return is_scarce(files) ? files : calls;
    if ((files && files != -ENOSYS) || (calls && calls != -ENOSYS))
        log_warning("sandbox calls=%s files=%s", word_of(calls), word_of(files));
    else
        log_debug("sandbox calls=%s files=%s", word_of(calls), word_of(files));
    return 0;
}
