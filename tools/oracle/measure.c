/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <string.h>

#include "deciding.h"
#include "deviation.h"

/* Whether an answer fits the profiles with these values. */
struct verdict {
    struct grove_profile read; /* in the columns that the vector reads */
    bool fits;
};

/* The profiles that all answers so far fit. */
struct fitting {
    struct measured *measured;
    struct implementation reference;
    struct grove_profile *profiles;
    size_t count;
    struct verdict *verdicts; /* about the last answer */
    size_t verdict_count;
    struct answer ours;   /* the reference's */
    struct answer theirs; /* the answer of the implementation */
    struct arena words;   /* the differences of the last two answers */
};

/* ---- the profiles ---- */

static size_t combinations(void)
{
    size_t count = 1;

    for (size_t i = 0; grove_column(i) != NULL; i++)
        count *= grove_column(i)->known_count;
    return count;
}

static struct grove_profile combination(size_t number)
{
    struct grove_profile profile = {{0}};
    const struct grove_column *column;

    for (size_t i = 0; (column = grove_column(i)) != NULL; i++) {
        profile.values[i] = column->known[number % column->known_count];
        number /= column->known_count;
    }
    return profile;
}

static void begin(struct fitting *fitting, struct measured *measured)
{
    *fitting = (struct fitting){.measured = measured, .count = combinations()};
    fitting->profiles = arena_alloc(&measured->arena, fitting->count,
                                    sizeof *fitting->profiles);
    fitting->verdicts = arena_alloc(&measured->arena, fitting->count,
                                    sizeof *fitting->verdicts);
    for (size_t i = 0; i < fitting->count; i++)
        fitting->profiles[i] = combination(i);
    reference_open(&fitting->reference);
}

static void end(struct fitting *fitting)
{
    implementation_close(&fitting->reference);
    answer_free(&fitting->ours);
    answer_free(&fitting->theirs);
    arena_free(&fitting->words);
}

/* Whether all profiles that fit have the same value in the column. */
static bool is_decided(const struct fitting *fitting, size_t column)
{
    for (size_t i = 1; i < fitting->count; i++) {
        if (fitting->profiles[i].values[column] !=
            fitting->profiles[0].values[column])
            return false;
    }
    return true;
}

/* How many changes the name of the profile has. */
static size_t changes(const char *name)
{
    size_t count = 0;

    for (; *name != '\0'; name++)
        count += *name == '=';
    return count;
}

/* Takes the profile that differs from its base in the fewest columns. */
static void take_nearest(const struct fitting *fitting)
{
    struct measured *measured = fitting->measured;
    char name[GROVE_PROFILE_NAME_SIZE];

    for (size_t i = 0; i < fitting->count; i++) {
        if (grove_profile_name(&fitting->profiles[i], name) != GROVE_OK ||
            (i != 0 && changes(name) >= changes(measured->name)))
            continue;
        memcpy(measured->name, name, sizeof name);
        measured->profile = fitting->profiles[i];
    }
}

/* ---- the answers ---- */

/* Whether a kernel of this profile gives their answer; if not, *why says. */
static bool fits(struct fitting *fitting, struct run *run,
                 const struct grove_profile *profile, const char **why)
{
    char name[GROVE_PROFILE_NAME_SIZE];

    arena_reset(&fitting->words);

    if (grove_profile_name(profile, name) != GROVE_OK)
        return false;
    run->profile = name;
    fitting->reference.ask(fitting->reference.self, run, &fitting->ours);
    run->profile = NULL;
    return answers_agree(&fitting->ours, &fitting->theirs, &fitting->words,
                         why);
}

/* The values in the columns that the vector reads. */
static struct grove_profile values_read(const struct deciding *vector,
                                        const struct grove_profile *profile)
{
    struct grove_profile read = {{0}};

    for (size_t i = 0; grove_column(i) != NULL; i++)
        if (deciding_lists(vector->read, grove_column(i)->name))
            read.values[i] = profile->values[i];
    return read;
}

/* The same as fits(), by one question for all profiles that must agree. */
static bool fits_as_read(struct fitting *fitting, struct deciding *vector,
                         const struct grove_profile *profile)
{
    const struct grove_profile read = values_read(vector, profile);
    struct verdict *verdict = fitting->verdicts;
    const char *why;

    for (size_t i = 0; i < fitting->verdict_count; i++, verdict++)
        if (memcmp(&verdict->read, &read, sizeof read) == 0)
            return verdict->fits;
    verdict->read = read;
    verdict->fits = fits(fitting, &vector->run, profile, &why);
    fitting->verdict_count++;
    return verdict->fits;
}

/* Notes why the vector did not decide its columns. */
static void note_reason(struct measured *measured,
                        const struct deciding *vector, const char *reason)
{
    const struct grove_column *column;

    for (size_t i = 0; (column = grove_column(i)) != NULL; i++)
        if (deciding_lists(vector->columns, column->name) &&
            measured->columns[i].reason == NULL)
            measured->columns[i].reason =
                arena_printf(&measured->arena, "%s", reason);
}

static void note_misfit(struct fitting *fitting, struct deciding *vector)
{
    struct measured *measured = fitting->measured;
    struct misfit *misfit = &measured->misfits[measured->misfit_count];
    const char *known;
    const char *why = "";

    take_nearest(fitting);
    known = deviation(measured->name, &vector->run);
    if (known != NULL) {
        note_reason(measured, vector, known);
        return;
    }
    (void)fits(fitting, &vector->run, &measured->profile, &why);
    misfit->vector = vector->id;
    misfit->why = arena_printf(&measured->arena, "%s", why);
    note_reason(measured, vector, "its answer is that of no profile");
    measured->misfit_count++;
}

/* Keeps the profiles that fit the answer; if none does, all, and false. */
static bool keep_fitting(struct fitting *fitting, struct deciding *vector)
{
    size_t kept = 0;

    fitting->verdict_count = 0;
    for (size_t i = 0; i < fitting->count; i++) {
        const struct grove_profile profile = fitting->profiles[i];

        if (!fits_as_read(fitting, vector, &profile))
            continue;
        fitting->profiles[i] = fitting->profiles[kept];
        fitting->profiles[kept++] = profile;
    }
    if (kept != 0)
        fitting->count = kept;
    return kept != 0;
}

/* Notes the columns that this vector decided. */
static void note_decided(struct fitting *fitting, const struct deciding *vector)
{
    struct measured_column *column = fitting->measured->columns;

    for (size_t i = 0; grove_column(i) != NULL; i++, column++)
        if (column->vector == NULL && is_decided(fitting, i) &&
            (grove_column(i)->known_count > 1 ||
             deciding_lists(vector->columns, grove_column(i)->name)))
            column->vector = vector->id;
}

/* False if the implementation failed. */
static bool ask(struct fitting *fitting, struct implementation *implementation,
                const char *asked, struct deciding *vector)
{
    struct measured *measured = fitting->measured;
    struct answer *answer = &fitting->theirs;

    vector->run.profile = asked;
    implementation->ask(implementation->self, &vector->run, answer);
    vector->run.profile = NULL;
    switch (answer->kind) {
    case ANSWER_SKIPPED:
        note_reason(measured, vector, answer->reason);
        return true;
    case ANSWER_LOST:
    case ANSWER_ERROR:
    case ANSWER_DEAD:
    case ANSWER_LATE:
        measured->failure =
            arena_printf(&measured->arena, "%s: %s: %s", vector->id,
                         implementation->name, answer->reason);
        return false;
    default:
        if (keep_fitting(fitting, vector))
            note_decided(fitting, vector);
        else
            note_misfit(fitting, vector);
        return true;
    }
}

static size_t vector_count(struct arena *arena)
{
    struct deciding vector;
    size_t count = 0;

    while (deciding_vector(count, arena, &vector))
        count++;
    return count;
}

bool measure(struct measured *measured, struct implementation *implementation,
             const char *asked)
{
    struct arena *arena = &measured->arena;
    struct fitting fitting;
    struct deciding vector;
    bool good = true;

    begin(&fitting, measured);
    measured->misfits =
        arena_alloc(arena, vector_count(arena), sizeof *measured->misfits);
    for (size_t i = 0; good && deciding_vector(i, arena, &vector); i++)
        good = ask(&fitting, implementation, asked, &vector);
    take_nearest(&fitting);
    end(&fitting);
    return good;
}

bool measure_kernel(struct measured *measured, struct implementation *kernel,
                    char why[256])
{
    if (!kernel_open(kernel, why))
        return false;
    if (measure(measured, kernel, NULL))
        kernel_set_profile(kernel, measured->name);
    return true;
}

void measured_free(struct measured *measured)
{
    arena_free(&measured->arena);
}
