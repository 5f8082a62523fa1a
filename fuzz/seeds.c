/* SPDX-License-Identifier: MIT */
/*
 * fuzz-seeds VECTORS OUT: makes the first inputs of a campaign from the written
 * vectors and the captures in the folder VECTORS. Generated vectors are left
 * out, since they are too many. The inputs are OUT/TARGET/HASH and, if they
 * stay in a corpus, OUT/shown/TARGET/RULE-FLAG-OP-N. The same vectors give the
 * same inputs.
 */
#include <err.h>
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter.h"
#include "codec.h"
#include "input.h"
#include "mend.h"
#include "polls.h"
#include "vector_set.h"

/* Longer inputs would make an engine slow. There are few of them. */
enum { SEED_MAX = 2048, TEXT_MAX = 6000 };

/* Shorter batches are not changed, since a rule may depend on any byte. */
enum { EXACT_MAX = 512 };

/* Inputs for each rule and flag; more would be too much for the repository. */
static const int most_shown[] = {[RUN_GRO] = 2, [RUN_GSO] = 7};

/* The first polls of a capture that are used, and the first packets of each. */
enum { POLLS = 12, POLL_PACKETS = 16 };

enum { EXIT_USAGE = 2, EXIT_OUTPUT = 70 };

static const char *out_folder;
static struct implementation reference;
static size_t seeds;

/* ---- files ---- */

static void make_folder(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        err(EXIT_USAGE, "%s: give a folder that can be made", path);
}

/* FNV-1a. The name of an input depends only on its content. */
static uint64_t hash(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    uint64_t value = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        value = (value ^ at[i]) * UINT64_C(0x100000001b3);
    return value;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
    FILE *stream = fopen(path, "we");

    if (stream == NULL || fwrite(bytes, 1, len, stream) != len ||
        fclose(stream) != 0)
        err(EXIT_OUTPUT, "%s", path);
}

static void write_seed(const char *target, const void *bytes, size_t len)
{
    struct arena arena = {0};
    const char *folder = arena_printf(&arena, "%s/%s", out_folder, target);

    make_folder(folder);
    write_file(arena_printf(&arena, "%s/%016" PRIx64, folder, hash(bytes, len)),
               bytes, len);
    arena_free(&arena);
    seeds++;
}

/* Reads the file's bytes into `arena`. */
static uint8_t *read_whole(const char *path, size_t *len, struct arena *arena)
{
    FILE *stream = fopen(path, "re");
    struct stat status;
    uint8_t *bytes;

    if (stream == NULL || fstat(fileno(stream), &status) != 0)
        err(EXIT_USAGE, "%s: give a folder of captures", path);
    *len = (size_t)status.st_size;
    bytes = arena_alloc(arena, *len, 1);
    if (fread(bytes, 1, *len, stream) != *len)
        err(EXIT_USAGE, "%s: give a file at rest", path);
    fclose(stream);
    return bytes;
}

/* ---- batches ---- */

/* For `tun`: adds a packet of fates in front, which differs for each seed. */
static void write_fates(const struct script *script, struct arena *arena)
{
    static const uint8_t fates[][6] = {
        {0},
        {0, 0x80, 0, 0x86, 0},        /* refused, later no device */
        {0, 0x85, 0, 0x82, 0x84},     /* interrupted, out of memory */
        {0, 0xff, 0xc0, 0xe1, 4, 20}, /* short, discarded */
        {0},                          /* many packets follow the last one */
    };
    enum { FATES = sizeof fates / sizeof fates[0] };
    const size_t number = seeds % FATES;
    struct script *longer = arena_alloc(arena, 1, sizeof *longer);
    uint8_t *bytes;

    *longer = *script;
    if (script->entries == INPUT_ENTRIES)
        return;
    memmove(&longer->entry[1], script->entry,
            script->entries * sizeof script->entry[0]);
    longer->entry[0] =
        (struct entry){.bytes = fates[number], .given = sizeof fates[0]};
    if (number == FATES - 1) {
        longer->entry[0].kind = INPUT_VNET;
        longer->entry[0].vnet[2] = 0xff; /* hdr_len */
        longer->entry[0].vnet[3] = 0x04;
    }
    longer->entries++;
    bytes = arena_alloc(arena, script_size(longer), 1);
    script_write(longer, bytes);
    write_seed("tun", bytes, script_size(longer));
}

/* The first free name of NAME-1 to NAME-MOST. */
static void write_numbered(const char *name, int most, const void *bytes,
                           size_t len, struct arena *arena)
{
    for (int number = 1; number <= most; number++) {
        const char *path = arena_printf(arena, "%s-%d", name, number);

        if (access(path, F_OK) != 0) {
            write_file(path, bytes, len);
            return;
        }
    }
}

/*
 * Keeps the first and simplest inputs of each rule and flag, whatever coverage
 * they have. A vector may show a value that changes no coverage, which only a
 * model, a kernel or a port finds.
 */
static void write_shown(const char *target, const struct vector *vector,
                        const void *bytes, size_t len)
{
    const enum run_op op = vector->run.op;
    struct arena arena = {0};
    const char *folder =
        arena_printf(&arena, "%s/shown/%s", out_folder, target);

    make_folder(arena_printf(&arena, "%s/shown", out_folder));
    make_folder(folder);
    for (size_t i = 0; i < vector->flags.count; i++)
        write_numbered(arena_printf(&arena, "%s/%s-%s-%s", folder,
                                    vector->rules.at[0], vector->flags.at[i],
                                    op == RUN_GSO ? "gso" : "gro"),
                       most_shown[op], bytes, len, &arena);
    arena_free(&arena);
}

/* Writes it for each suitable target; `vector` is its vector, or NULL. */
static void write_batch(const struct run *run, const struct vector *vector,
                        struct arena *arena)
{
    enum { ASKING = 3 };
    static const char *const targets[][ASKING] = {
        [RUN_GRO] = {"gro", "diff_gro", "diff_exec"},
        [RUN_GSO] = {"gso", "diff_gso", "diff_exec"},
    };
    struct script *script = arena_alloc(arena, 1, sizeof *script);
    uint8_t *bytes;
    size_t len;

    if (!script_of(script, run, arena) || script_size(script) > SEED_MAX)
        return;
    len = script_size(script);
    bytes = arena_alloc(arena, len, 1);
    script_write(script, bytes);
    write_fates(script, arena);
    if (run->op == RUN_GRO) {
        write_seed("predict", bytes, len);
        write_seed("roundtrip", bytes, len);
        write_seed("safe", bytes, len);
    }
    for (size_t i = 0; i < ASKING; i++) {
        write_seed(targets[run->op][i], bytes, len);
        if (vector != NULL)
            write_shown(targets[run->op][i], vector, bytes, len);
    }
}

/* Replaces the payload by a fill, which needs few bytes in the format. */
static struct run_input plain(const struct run_input *packet,
                              struct arena *arena)
{
    struct run_input copy = *packet;
    const struct layout at = layout_of(packet->packet, packet->len);
    uint8_t *bytes;

    if (packet->flush || at.payload == 0)
        return copy;
    bytes = arena_copy(arena, packet->packet, packet->len);
    for (size_t i = at.payload; i < packet->len; i++)
        bytes[i] = (uint8_t)i;
    if (l4_checksum_is_right(packet->packet, packet->len))
        mend_l4_checksum(bytes, packet->len);
    copy.packet = bytes;
    return copy;
}

/* True if the reference makes the same decisions for both. */
static bool decided_alike(const struct run *a, const struct run *b)
{
    static struct answer one;
    static struct answer other;

    reference.ask(reference.self, a, &one);
    reference.ask(reference.self, b, &other);
    if (one.kind != other.kind || one.rule != other.rule ||
        one.outputs != other.outputs || one.fates != other.fates)
        return false;
    for (size_t i = 0; i < one.fates; i++)
        if (one.fate[i].verdict != other.fate[i].verdict ||
            one.fate[i].rule != other.fate[i].rule)
            return false;
    return true;
}

static bool is_short(const struct run *run, struct arena *arena)
{
    struct script *script = arena_alloc(arena, 1, sizeof *script);

    return script_of(script, run, arena) && script_size(script) <= EXACT_MAX;
}

/* Replaces the payloads of a long batch, unless its rules depend on them. */
static void add_batch(const struct run *run, const struct vector *vector,
                      struct arena *arena)
{
    struct run_input *input = arena_alloc(arena, run->inputs, sizeof *input);
    struct run shorter = *run;

    shorter.input = input;
    for (size_t i = 0; i < run->inputs; i++)
        input[i] = plain(&run->input[i], arena);
    write_batch(!is_short(run, arena) && decided_alike(run, &shorter) ? &shorter
                                                                      : run,
                vector, arena);
}

/* ---- vectors ---- */

/* Writes the lines of a session: hello, the question and its answer, bye. */
static void add_conversation(const struct run *run, const struct answer *answer)
{
    static const char hello[] = "{\"cmd\":\"hello\",\"protocol\":1}";
    json_t *question = json_pack("{s:s, s:i, s:s}", "cmd", "run", "seq", 1,
                                 "profile", run->profile);
    json_t *reply = json_object();
    char *question_text;
    char *reply_text;
    char *text;
    int len;

    encode_run(question, run);
    encode_answer(reply, answer, NULL);
    question_text = json_dumps(question, JSON_COMPACT);
    reply_text = json_dumps(reply, JSON_COMPACT);
    len = asprintf(&text, "%s\n%s\n%s\n{\"cmd\":\"bye\"}\n", hello,
                   question_text, reply_text);
    if (len < 0)
        err(EXIT_OUTPUT, "memory");
    if (len <= TEXT_MAX)
        write_seed("adapter", text, (size_t)len);
    free(text);
    free(question_text);
    free(reply_text);
    json_decref(question);
    json_decref(reply);
}

/* Writes the vector as a file. */
static void add_text(const struct vector_file *file,
                     const struct vector *vector, const char *path)
{
    struct vector_file one = *file;
    struct arena arena = {0};
    const uint8_t *bytes;
    const char *why;
    size_t len;

    one.arena = arena;
    one.vectors = vector;
    one.vector_count = 1;
    why = vector_file_write(&one, path);
    if (why != NULL)
        errx(EXIT_OUTPUT, "%s", why);
    arena_free(&one.arena);
    bytes = read_whole(path, &len, &arena);
    if (len <= TEXT_MAX)
        write_seed("vector", bytes, len);
    arena_free(&arena);
    if (unlink(path) != 0)
        err(EXIT_OUTPUT, "%s", path);
}

/* True if a profile before this one has the same answer. */
static bool is_repeated(const struct vector *vector, size_t index,
                        struct arena *arena)
{
    const char *why;

    for (size_t i = 0; i < index; i++)
        if (answers_agree(&vector->expect[i].answer,
                          &vector->expect[index].answer, arena, &why))
            return true;
    return false;
}

static void add_vector(const struct vector_file *file,
                       const struct vector *vector, const char *scratch)
{
    struct arena arena = {0};

    for (size_t i = 0; i < vector->expects; i++) {
        struct run run = vector->run;

        if (is_repeated(vector, i, &arena))
            continue;
        run.profile = vector->expect[i].profile;
        add_batch(&run, i == 0 ? vector : NULL, &arena);
        if (i == 0)
            add_conversation(&run, &vector->expect[i].answer);
    }
    add_text(file, vector, scratch);
    arena_free(&arena);
}

static void add_vectors(const char *folder, const char *kind)
{
    struct vector_set set = {0};
    struct arena arena = {0};
    const char *scratch = arena_printf(&arena, "%s/scratch", out_folder);
    const char *why =
        vector_set_add(&set, arena_printf(&arena, "%s/%s", folder, kind));

    if (why != NULL)
        errx(EXIT_USAGE, "%s", why);
    for (size_t i = 0; i < set.count; i++)
        for (size_t j = 0; j < set.members[i]->file.vector_count; j++)
            add_vector(&set.members[i]->file, &set.members[i]->file.vectors[j],
                       scratch);
    vector_set_free(&set);
    arena_free(&arena);
}

/* ---- captures ---- */

static uint32_t little32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

/* The length of a part of the file: a block, or a packet of pcap. */
static size_t part_len(const uint8_t *at, bool pcapng)
{
    return pcapng ? little32(at + 4) : 16 + (size_t)little32(at + 8);
}

/* Writes the file cut after its first frames, and within the next frame. */
static void add_file(const char *path, struct arena *arena)
{
    size_t len;
    const uint8_t *bytes = read_whole(path, &len, arena);
    const bool pcapng = bytes[0] == 0x0a;
    size_t end = pcapng ? 0 : 24;

    while (end + 16 <= len && end + part_len(bytes + end, pcapng) <= SEED_MAX)
        end += part_len(bytes + end, pcapng);
    write_seed("pcap", bytes, end);
    if (end + 40 <= len)
        write_seed("pcap", bytes, end + 40);
}

/* An empty UDP datagram behind a header of a link type, in a file of pcap. */
static const struct {
    uint8_t link[2];
    uint8_t len;
    uint8_t header[60];
} links[] = {
    {{1}, 22, {[12] = 0x88, 0x64, 0x11, 0, 0, 7, 0, 30, 0, 0x21}}, /* PPPoE */
    {{1}, 22, {[12] = 0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64}},      /* MPLS */
    {{1}, 22, {[12] = 0, 36, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}},       /* SNAP */
    {{9}, 4, {0xff, 3, 0, 0x21}},
    {{50}, 4, {0x0f, 0, 8, 0}},
    {{51}, 8, {0x11, 0, 0, 7, 0, 30, 0, 0x21}},
    {{104}, 4, {0x0f, 0, 8, 0}},
    {{105}, 34, {0x88, 1, [26] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}},
    {{119}, 40, {[4] = 8, [8] = 8, [32] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}},
    {{127},
     50,
     {[2] = 18,
      [4] = 3,
      [16] = 0x20,
      [18] = 8,
      [42] = 0xaa,
      0xaa,
      3,
      0,
      0,
      0,
      8,
      0}},
    {{163}, 40, {[7] = 8, [8] = 8, [32] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}},
    {{204}, 5, {1, 0xff, 3, 0, 0x21}},
    {{219}, 4, {0, 1, 1, 64}},
    {{239}, 24, {2, 0, 0, 1, 8, 0, 1, 0, 8,  0, 1, 0,
                 8, 0, 4, 0, 0, 0, 0, 2, 32, 0, 9}},
    {{242}, 44, {[40] = 8}},
    {{2, 1},
     54,
     {40, [4] = 1, [8] = 1, [12] = 'e', 'n', '0', [36] = 1, [52] = 8}},
};

static void add_links(void)
{
    const uint8_t packet[] = {0x45, 0,    0,   28, 0, 0, 0,   0, 64, 17,
                              0,    0,    192, 0,  2, 1, 192, 0, 2,  2,
                              0x12, 0x34, 0,   53, 0, 8, 0,   0};

    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        const uint8_t len = (uint8_t)(links[i].len + sizeof packet);
        uint8_t file[160] = {0xd4,
                             0xc3,
                             0xb2,
                             0xa1,
                             2,
                             0,
                             4,
                             [18] = 4,
                             [20] = links[i].link[0],
                             links[i].link[1],
                             [32] = len,
                             [36] = len};

        memcpy(file + 40, links[i].header, links[i].len);
        memcpy(file + 40 + links[i].len, packet, sizeof packet);
        write_seed("pcap", file, 40U + len);
    }
}

/* Two interfaces with options, a packet with flags, and a simple one. */
static void add_interfaces(void)
{
    static const uint8_t file[] = {
        0x0a, 0x0d, 0x0d, 0x0a, 28,  0,   0,    0,   0x4d, 0x3c, 0x2b, 0x1a, 1,
        0,    0,    0,    255,  255, 255, 255,  255, 255,  255,  255,  28,   0,
        0,    0,    1,    0,    0,   0,   40,   0,   0,    0,    101,  0,    0,
        0,    0,    0,    4,    0,   9,   0,    1,   0,    9,    0,    0,    0,
        2,    0,    4,    0,    'e', 't', 'h',  '0', 0,    0,    0,    0,    40,
        0,    0,    0,    1,    0,   0,   0,    44,  0,    0,    0,    228,  0,
        0,    0,    96,   0,    0,   0,   14,   0,   8,    0,    1,    0,    0,
        0,    0,    0,    0,    0,   13,  0,    1,   0,    4,    0,    0,    0,
        0,    0,    0,    0,    44,  0,   0,    0,   6,    0,    0,    0,    64,
        0,    0,    0,    1,    0,   0,   0,    1,   0,    0,    0,    2,    0,
        0,    0,    20,   0,    0,   0,   20,   0,   0,    0,    0x45, 0,    0,
        20,   0,    0,    0,    0,   64,  1,    0,   0,    192,  0,    2,    1,
        192,  0,    2,    2,    2,   0,   4,    0,   0x41, 0,    0,    0,    0,
        0,    0,    0,    64,   0,   0,   0,    3,   0,    0,    0,    36,   0,
        0,    0,    20,   0,    0,   0,   0x45, 0,   0,    20,   0,    0,    0,
        0,    64,   1,    0,    0,   192, 0,    2,   1,    192,  0,    2,    2,
        36,   0,    0,    0};

    write_seed("pcap", file, sizeof file);
}

/* For `checksum`: the packet once, and repeated for a long sum. */
static void add_bytes(const struct timed_packet *packet, struct arena *arena)
{
    const size_t len = packet->len < SEED_MAX ? packet->len : SEED_MAX;
    uint8_t *bytes = arena_alloc(arena, len + 1, 1);

    memcpy(bytes + 1, packet->data, len);
    write_seed("checksum", bytes, len + 1);
    bytes[0] = 0xff;
    write_seed("checksum", bytes, len + 1);
}

static size_t count_profiles(void)
{
    size_t count = 1;

    while (grove_profiles()[count] != NULL)
        count++;
    return count;
}

/* In every profile and mode, one after the other. */
static void add_poll(const struct poll *poll, size_t number,
                     struct arena *arena)
{
    const char *const *profiles = grove_profiles();
    const size_t count = count_profiles();
    struct run_input input[POLL_PACKETS] = {{.flush = false}};
    struct run run = {.op = RUN_GRO,
                      .profile = profiles[number % count],
                      .config = run_config_default(),
                      .input = input};

    run.config.lossless = number / count % 2 != 0;
    for (; run.inputs < poll->count && run.inputs < POLL_PACKETS;
         run.inputs++) {
        input[run.inputs].packet = poll->packets[run.inputs].data;
        input[run.inputs].len = poll->packets[run.inputs].len;
    }
    add_batch(&run, NULL, arena);
    if (number == 0)
        add_bytes(&poll->packets[0], arena);
}

static void add_capture(const char *path)
{
    const struct capture_options options = {.stop = -1};
    struct capture_file file;
    struct arena arena = {0};
    char why[CAPTURE_WHY];
    struct polls polls;
    struct poll poll;

    if (!capture_file_open(&file, path, &options, why))
        errx(EXIT_USAGE, "%s", why);
    polls_begin(&polls, &file, POLL_GAP);
    for (size_t i = 0; i < POLLS && polls_next(&polls, &poll, why); i++)
        add_poll(&poll, i, &arena);
    polls_end(&polls);
    capture_file_close(&file);
    add_file(path, &arena);
    arena_free(&arena);
}

static void add_captures(const char *folder)
{
    struct arena arena = {0};
    glob_t found;
    const char *pattern = arena_printf(&arena, "%s/captures/*.pcap*", folder);

    if (glob(pattern, 0, NULL, &found) != 0)
        errx(EXIT_USAGE, "%s: no capture; give the folder of the vectors",
             pattern);
    for (size_t i = 0; i < found.gl_pathc; i++)
        add_capture(found.gl_pathv[i]);
    add_links();
    add_interfaces();
    globfree(&found);
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        errx(EXIT_USAGE, "usage: fuzz-seeds VECTORS OUT");
    out_folder = argv[2];
    make_folder(out_folder);
    reference_open(&reference);
    add_vectors(argv[1], "rules");
    add_vectors(argv[1], "golden");
    add_captures(argv[1]);
    implementation_close(&reference);
    printf("%zu seeds in %s\n", seeds, out_folder);
    return 0;
}
