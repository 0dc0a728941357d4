#include "base/process_usage.h"

#include "base/clock.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static uint64_t resident_bytes(void)
{
    unsigned long long size, resident;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    /* NOLINTNEXTLINE(cert-err34-c): the kernel wrote it */
    int found = fscanf(file, "%llu %llu", &size, &resident);
    (void)fclose(file);
    return found == 2 ? resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static unsigned open_fds(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    (void)closedir(folder);
    return count - 1; /* the folder's own */
}

struct process_usage process_usage_read(void)
{
    struct timespec cpu = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (struct process_usage){
        .resident_bytes = resident_bytes(),
        .cpu_ns = (int64_t)cpu.tv_sec * CLOCK_NS_PER_SECOND + cpu.tv_nsec,
        .open_fds = open_fds(),
    };
}
