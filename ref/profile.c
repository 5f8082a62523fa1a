/* SPDX-License-Identifier: MIT */
/* The rows and columns of profile.def. */
#include "profile.h"

#include <assert.h>

/* The places of the columns in struct grove_profile. */
enum {
#define GROVE_COLUMN(type, name, known, rules, words) COLUMN_##name,
#include "profile.def"
    COLUMNS
};

static_assert(COLUMNS <= GROVE_MAX_COLUMNS, "a profile has room for them");

#define LIST(...)                                                              \
    {                                                                          \
        __VA_ARGS__                                                            \
    }
#define GROVE_COLUMN(type, name, known, rules, words)                          \
    static const uint16_t known_##name[] = LIST known;
#include "profile.def"

static const struct grove_column column_table[COLUMNS] = {
#define GROVE_COLUMN(type, column, values, ids, text)                          \
    {.name = #column,                                                          \
     .words = (text),                                                          \
     .rules = (ids),                                                           \
     .known = known_##column,                                                  \
     .known_count = sizeof known_##column / sizeof known_##column[0],          \
     .is_flag = (type)2 == 1}, /* a bool */
#include "profile.def"
};

static const char *const names[] = {
#define GROVE_PROFILE(number, row, ...) row,
#include "profile.def"
    NULL};

static const struct profile profile_table[] = {
#define GROVE_PROFILE(number, row, ...) {__VA_ARGS__},
#include "profile.def"
};

const struct grove_column *grove_column(size_t index)
{
    return index < COLUMNS ? &column_table[index] : NULL;
}

const char *const *grove_profiles(void)
{
    return names;
}

bool profile_row(size_t index, struct profile_row *row)
{
    if (index >= sizeof profile_table / sizeof profile_table[0])
        return false;
    *row = (struct profile_row){
        .name = names[index],
        .profile = {{
#define GROVE_COLUMN(type, column, known, rules, words)                        \
    profile_table[index].column,
#include "profile.def"
        }},
    };
    return true;
}

struct profile profile_of(const struct grove_profile *profile)
{
    return (struct profile){
#define GROVE_COLUMN(type, column, known, rules, words)                        \
    .column = (type)profile->values[COLUMN_##column],
#include "profile.def"
    };
}
