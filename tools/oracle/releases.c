/* SPDX-License-Identifier: MIT */
#include "releases.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The numbers of a version: 6, 12, 43. */
#define NUMBERS 3

static const struct known_release releases[] = {
#define GROVE_RELEASE(name, profile, ...) {name, profile},
#include "releases.def"
};

static const struct known_defect defects[] = {
#define GROVE_DEFECT(id, vector, words, mended) {id, vector, words, mended},
#include "defects.def"
};

static const struct range {
    const char *id; /* of a defect */
    const char *first;
    const char *last;
} ranges[] = {
#define GROVE_DEFECT_IN(id, first, last, how) {id, first, last},
#include "defects.def"
};

const struct known_release *known_release(const char *profile, size_t *at)
{
    while (*at < COUNT(releases)) {
        const struct known_release *one = &releases[(*at)++];

        if (strcmp(one->profile, profile) == 0)
            return one;
    }
    return NULL;
}

/* Less than 0, 0 or greater than 0, as the order of the versions is. */
static int compare_versions(const char *one, const char *other)
{
    for (int i = 0; i < NUMBERS; i++) {
        char *end;
        char *other_end;
        const long number = strtol(one, &end, 10);
        const long other_number = strtol(other, &other_end, 10);

        if (number != other_number)
            return number < other_number ? -1 : 1;
        one = *end == '.' ? end + 1 : "";
        other = *other_end == '.' ? other_end + 1 : "";
    }
    return 0;
}

static const struct known_defect *find_defect(const char *id)
{
    for (size_t i = 0; i < COUNT(defects); i++)
        if (strcmp(defects[i].id, id) == 0)
            return &defects[i];
    return NULL;
}

const struct known_defect *known_defect(const char *release, size_t *at)
{
    while (*at < COUNT(ranges)) {
        const struct range *range = &ranges[(*at)++];

        if (compare_versions(release, range->first) >= 0 &&
            compare_versions(release, range->last) <= 0)
            return find_defect(range->id);
    }
    return NULL;
}
