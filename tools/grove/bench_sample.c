/* SPDX-License-Identifier: MIT */
#include "bench_sample.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct grove_sum *bench_limit(void)
{
    size_t count;
    const struct grove_sum *ways = grove_sums(&count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(ways[i].name, "avx2") == 0)
            return &ways[i];
    return &ways[count - 1];
}

double bench_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_median(double *samples, unsigned count)
{
    qsort(samples, count, sizeof *samples, compare);
    return samples[count / 2];
}

void bench_machine(char machine[MACHINE_LEN])
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[MACHINE_LEN] = "";
    bool found = false;

    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL)
        found = sscanf(line, "model name : %127[^\n]", machine) == 1;
    if (!found)
        snprintf(machine, MACHINE_LEN, "an unknown processor");
    if (file != NULL)
        fclose(file);
}
