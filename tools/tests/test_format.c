/* SPDX-License-Identifier: MIT */
/* Hex, vector files, and the messages about bad ones. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "codec.h"
#include "hex.h"
#include "outfile.h"
#include "tunnel.h"
#include "vector.h"
#include "vector_set.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A folder for the files of a test. */
static char folder[] = "/tmp/test_format.XXXXXX";

static char *in_folder(const char *name)
{
    char *path;

    assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
    return path;
}

static void write_text(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");

    assert_non_null(stream);
    fputs(text, stream);
    assert_int_equal(fclose(stream), 0);
}

static char *read_text(const char *path)
{
    FILE *stream = fopen(path, "r");
    char *text = calloc(1, 65536);

    assert_non_null(stream);
    assert_true(fread(text, 1, 65535, stream) > 0);
    fclose(stream);
    return text;
}

static void hex_is_read_as_it_is_written(void **state)
{
    struct arena arena = {0};
    uint8_t all[256];
    uint8_t *bytes;
    char *text;
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    text = hex_encode(all, sizeof all);
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text, "000102", 6);
    assert_memory_equal(text + 506, "fdfeff", 7);
    assert_null(hex_decode(&arena, text, strlen(text), &bytes, &len));
    assert_int_equal(len, sizeof all);
    assert_memory_equal(bytes, all, len);
    assert_null(hex_decode(&arena, "aBCd", 4, &bytes, &len));
    assert_memory_equal(bytes, "\xab\xcd", 2);
    assert_null(hex_decode(&arena, "", 0, &bytes, &len));
    assert_int_equal(len, 0);
    free(text);
    arena_free(&arena);
}

static void bad_hex_is_refused(void **state)
{
    static const char *const digits[] = {"/0", "0/", ":0", "@0",      "0G",
                                         "`0", "0g", "0 ", "\xc3\xa4"};
    struct arena arena = {0};
    uint8_t *bytes = NULL;
    size_t len = 7;

    (void)state;
    for (size_t i = 0; i < COUNT(digits); i++)
        assert_non_null(strstr(
            hex_decode(&arena, digits[i], strlen(digits[i]), &bytes, &len),
            "not a hex"));
    assert_non_null(strstr(hex_decode(&arena, "abc", 3, &bytes, &len), "odd"));
    assert_null(bytes);
    assert_int_equal(len, 7);
    arena_free(&arena);
}

/* A file with every field, in the layout that vector_file_write() gives. */
static const char everything[] =
    "{\n"
    " \"schema\": 1,\n"
    " \"suite\": \"all\",\n"
    " \"spec\": \"1.0\",\n"
    " \"notes\": {\n"
    "  \"f\": {\"about\":\"why\",\"effect\":\"what\",\"links\":[\"l\"]}\n"
    " },\n"
    " \"x-file\": {\"b\":1,\"a\":[true,null]},\n"
    " \"vectors\": [\n"
    "  {\n"
    "   \"id\": \"one\",\n"
    "   \"title\": \"\xc3\xa4 title\",\n"
    "   \"rules\": [\"GRO-TCP-001\",\"GRO-END-008\"],\n"
    "   \"flags\": [\"f\"],\n"
    "   \"op\": \"gro\",\n"
    "   \"config\": {\"max_flows\":3,\"udp\":false,\"csum\":\"trusted\","
    "\"mode\":\"lossless\",\"link\":\"ethernet\","
    "\"tunnels\":[\"ipip\",\"vxlan-gpe:65535\"],\"vnet_len\":24,\"max_bytes\":"
    "65536,\"fraglist\":true,\"hash\":true},\n"
    "   \"input\": [\n"
    "    {\"packet\":\"aabb0102030405060708091011121314\"},\n"
    "    {\"flush\":true},\n"
    "    {\"vnet\":\"010000000000000000000000000000000000000022004000\","
    "\"packet\":\"aabb2122232425262728293031323334\"},\n"
    "    {\"packet\":\"\",\"hash\":4294967295}\n"
    "   ],\n"
    "   \"expect\": {\n"
    "    \"p1\": {\n"
    "     \"output\": [\n"
    "      {\"vnet\":{\"flags\":1,\"gso_type\":4,\"hdr_len\":2,"
    "\"gso_size\":65535,\"csum_start\":3,\"csum_offset\":16,"
    "\"outer_th_offset\":34,\"inner_nh_offset\":64},"
    "\"header\":\"aacc\",\"payload\":[[1,2,14],[0,2,14]],\"of\":[1,0]},\n"
    "      {\"packet\":\"\",\"of\":[2]}\n"
    "     ],\n"
    "     \"verdict\": [\"held\",\"merged\",\"rejected\"],\n"
    "     \"rule\": [null,\"GRO-TCP-001\",null]\n"
    "    },\n"
    "    \"p2\": \"= p1\",\n"
    "    \"p3\": {\n"
    "     \"output\": []\n"
    "    }\n"
    "   },\n"
    "   \"confirmed\": [\"linux-6.18.44\",\"model\"],\n"
    "   \"source\": {\"pcap\":\"a.pcap\",\"packets\":[3,4]},\n"
    "   \"x-y\": \"z\"\n"
    "  },\n"
    "  {\n"
    "   \"id\": \"two\",\n"
    "   \"title\": \"\",\n"
    "   \"rules\": [\"GSO-IN-001\"],\n"
    "   \"flags\": [],\n"
    "   \"op\": \"gso\",\n"
    "   \"config\": {},\n"
    "   \"input\": [\n"
    "    {\"packet\":\"00\"}\n"
    "   ],\n"
    "   \"expect\": {\n"
    "    \"p1\": {\n"
    "     \"rejected\": \"EINVAL\"\n"
    "    }\n"
    "   },\n"
    "   \"confirmed\": []\n"
    "  }\n"
    " ]\n"
    "}\n";

/* The contents of `everything` after reading. */
static void check_everything(const struct vector_file *file)
{
    const struct vector *one = &file->vectors[0];
    const struct answer *answer = vector_expected(one, "p2");
    const struct run_output *output = answer->output;

    assert_string_equal(file->notes[0].effect, "what");
    assert_string_equal(file->extras.at[0].json, "{\"b\":1,\"a\":[true,null]}");
    assert_int_equal(one->run.config.max_flows, 3);
    assert_false(one->run.config.udp);
    assert_true(one->run.config.csum_trusted && one->run.config.lossless);
    assert_true(one->run.input[1].flush && one->run.input[2].has_vnet);
    assert_int_equal(one->run.config.link, GROVE_LINK_ETHERNET);
    assert_int_equal(one->run.config.tunnel_count, 2);
    assert_int_equal(one->run.config.tunnels[1].port, 65535);
    assert_int_equal(one->run.config.vnet_len, 24);
    assert_int_equal(one->run.config.max_bytes, 65536);
    assert_true(one->run.config.fraglist);
    assert_true(one->run.config.hash);
    assert_int_equal(one->run.input[2].vnet[0], 1);
    assert_int_equal(one->run.input[2].vnet[20], 0x22);
    assert_int_equal(one->run.input[2].hash, 0);
    assert_int_equal(one->run.input[3].hash, UINT32_MAX);
    assert_int_equal(output[0].vnet.inner_nh_offset, 64);
    assert_string_equal(one->confirmed.at[1], "model");
    assert_int_equal(one->packets[1], 4);
    assert_int_equal(output[0].vnet.gso_size, 65535);
    assert_int_equal(output[0].len, 30);
    assert_memory_equal(output[0].packet, "\xaa\xcc\x21\x22", 4);
    assert_memory_equal(output[0].packet + 16, "\x01\x02\x03", 3);
    assert_int_equal(answer->fate[2].verdict, GROVE_REJECTED);
    assert_string_equal(answer->fate[1].rule, "GRO-TCP-001");
    assert_null(vector_expected(one, "p4"));
    assert_int_equal(file->vectors[1].run.op, RUN_GSO);
    assert_string_equal(file->vectors[1].expect[0].answer.reason, "EINVAL");
}

static void names_of_tunnels(void **state)
{
    static const char *const good[] = {
        "ipip", "gre", "vxlan:1", "vxlan-gpe:65535", "geneve:6081", "pppoe"};
    static const char *const bad[] = {
        "",          "ip",          "ipip:",     "ipip:4",
        "gre:0",     "vxlan",       "vxlan:",    "vxlan:0",
        "vxlan:01",  "vxlan:65536", "vxlan:+1",  "vxlan:1 ",
        "vxlan:1:",  "Vxlan:1",     "vxlan-gpe", "vxlan:4294967297",
        "geneve:-1", "pppoe:1"};
    struct grove_tunnel tunnel;
    char name[TUNNEL_NAME_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(tunnel_read(good[i], &tunnel));
        tunnel_write(&tunnel, name);
        assert_string_equal(name, good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(tunnel_read(bad[i], &tunnel));
}

static void a_file_is_written_as_it_was_read(void **state)
{
    char *in = in_folder("in.json");
    char *out = in_folder("out.json");
    struct vector_file file = {0};
    const char *why;
    struct stat status;
    char *text;

    (void)state;
    write_text(in, everything);
    why = vector_file_read(&file, in);
    assert_string_equal(why == NULL ? "" : why, "");
    check_everything(&file);
    why = vector_file_write(&file, out);
    assert_string_equal(why == NULL ? "" : why, "");
    text = read_text(out);
    assert_string_equal(text, everything);
    assert_int_equal(stat(out, &status), 0);
    assert_true((status.st_mode & 0400) != 0 && S_ISREG(status.st_mode));
    vector_file_free(&file);
    free(text);
    free(in);
    free(out);
}

/* A change of `everything`, and the message that it must cause. */
struct fault {
    const char *from;
    const char *to;
    const char *why;
};

static const struct fault faults[] = {
    {"{\n \"schema\"", "[{\n \"schema\"", "line 60, column 0: "},
    {"\"suite\": \"all\"", "\"suite\": 7",
     "suite: not a string; write \"...\""},
    {"\"suite\": \"all\",", "", "no field \"suite\"; add it"},
    {"\"suite\"", "\"suit\\u001b\"",
     "unknown field \"suit?\"; remove it or call it \"x-...\""},
    {"\"schema\": 1", "\"schema\": 2",
     "schema: version 2; this grove reads version 1"},
    {"\"about\"", "\"aboot\"", "notes.f: unknown field \"aboot\"; remove it"},
    {"\"f\": {\"about\"", "\"g\": {\"about\"",
     "vectors[0]: no note on the flag \"f\"; add it to \"notes\" of the file"},
    {"\"id\": \"one\"", "\"id\": \"One\"",
     "vectors[0].id: \"One\" is not an id; use a to z, 0 to 9, -, _ and ."},
    {"\"id\": \"two\"", "\"id\": \"one\"",
     "vectors[1].id: \"one\" is taken; choose another id"},
    {"\"id\": \"two\"", "\"id\": \"\"",
     "vectors[1].id: \"\" is not an id; use a to z, 0 to 9, -, _ and ."},
    {"\"x-y\"", "\"y\"",
     "vectors[0]: unknown field \"y\"; remove it or call it \"x-...\""},
    {"\"id\": \"two\"", "\"title\": \"two\"",
     "line 43, column 10: duplicate object key near '\"title\"'; correct the "
     "JSON"},
    {"[\"GSO-IN-001\"]", "[]",
     "vectors[1].rules: empty; name the rules that the vector shows"},
    {"[\"GSO-IN-001\"]", "[\"GSO\"]",
     "vectors[1].rules[0]: \"GSO\" is not a rule id; write one as in SPEC.md"},
    {"[\"f\"]", "[5]", "vectors[0].flags[0]: not a string; write \"...\""},
    {"\"op\": \"gso\"", "\"op\": \"gs\"",
     "vectors[1].op: \"gs\" is not an op; write gro or gso"},
    {"\"max_flows\":3", "\"max_flows\":0",
     "vectors[0].config.max_flows: 0 flows; write at least 1"},
    {"\"max_flows\":3", "\"max_flows\":65537",
     "vectors[0].config.max_flows: not a number; write one from 0 to 65536"},
    {"\"udp\":false", "\"udp\":0",
     "vectors[0].config.udp: not a boolean; write true or false"},
    {"\"trusted\"", "\"trust\"",
     "vectors[0].config.csum: \"trust\" is unknown; write verify or trusted"},
    {"\"lossless\"", "\"loss\"",
     "vectors[0].config.mode: \"loss\" is unknown; write linux or lossless"},
    {"\"ethernet\"", "\"ether\"",
     "vectors[0].config.link: \"ether\" is unknown; write none or ethernet"},
    {"[\"ipip\",\"vxlan-gpe:65535\"]", "\"ipip\"",
     "vectors[0].config.tunnels: not an array; write [...]"},
    {"\"ipip\",",
     "\"gre\",\"gre\",\"gre\",\"gre\",\"gre\",\"gre\",\"gre\",\"gre\",",
     "vectors[0].config.tunnels: 9 tunnels; write at most 8"},
    {"\"ipip\"", "4",
     "vectors[0].config.tunnels[0]: not a string; write \"...\""},
    {"\"ipip\"", "\"ipip:1\"",
     "vectors[0].config.tunnels[0]: \"ipip:1\" is not a tunnel; write ipip, "
     "gre, vxlan:PORT, vxlan-gpe:PORT, geneve:PORT or pppoe"},
    {"\"vxlan-gpe:65535\"", "\"vxlan-gpe:65536\"",
     "vectors[0].config.tunnels[1]: \"vxlan-gpe:65536\" is not a tunnel; write "
     "ipip, gre, vxlan:PORT, vxlan-gpe:PORT, geneve:PORT or pppoe"},
    {"\"vnet_len\":24", "\"vnet_len\":20",
     "vectors[0].config.vnet_len: 20 bytes; write 10, 12 or 24"},
    {"\"vnet_len\":24", "\"vnet_len\":25",
     "vectors[0].config.vnet_len: not a number; write one from 0 to 24"},
    {"\"vnet_len\":24", "\"vnet_len\":10",
     "vectors[0].input[2].vnet: 24 bytes; a virtio_net_hdr has 10 here"},
    {"\"max_bytes\":65536", "\"max_bytes\":65534",
     "vectors[0].config.max_bytes: 65534 bytes; write at least 65535"},
    {"\"max_bytes\":65536", "\"max_bytes\":524281",
     "vectors[0].config.max_bytes: not a number; write one from 0 to 524280"},
    {"\"fraglist\":true", "\"fraglist\":1",
     "vectors[0].config.fraglist: not a boolean; write true or false"},
    {"\"hash\":true", "\"hash\":9",
     "vectors[0].config.hash: not a boolean; write true or false"},
    {"\"hash\":4294967295", "\"hash\":4294967296",
     "vectors[0].input[3].hash: not a number; write one from 0 to 4294967295"},
    {"\"udp\":false", "\"tcp\":false",
     "vectors[0].config: unknown field \"tcp\"; remove it"},
    {"{\"flush\":true}", "{\"flush\":false}",
     "vectors[0].input[1].flush: only true has a meaning here"},
    {"{\"flush\":true}", "{\"flush\":true,\"packet\":\"\"}",
     "vectors[0].input[1]: unknown field \"packet\"; remove it"},
    {"{\"flush\":true}", "7",
     "vectors[0].input[1]: not an object; write {...}"},
    {"{\"packet\":\"00\"}", "",
     "vectors[1]: op gso takes one packet; give one in \"input\""},
    {"{\"packet\":\"00\"}", "{\"flush\":true}",
     "vectors[1]: op gso takes one packet; give one in \"input\""},
    {"\"aabb01", "\"aabb1",
     "vectors[0].input[0].packet: odd number of hex digits; a byte is two "
     "digits"},
    {"\"aabb01", "\"aabbx1",
     "vectors[0].input[0].packet: not a hex digit; write 0 to 9 and a to f "
     "only"},
    {"\"010000000000000000000000000000000000000022004000\"", "\"0100\"",
     "vectors[0].input[2].vnet: 2 bytes; a virtio_net_hdr has 24 here"},
    {"\"= p1\"", "\"= p2\"",
     "vectors[0].expect.p2: \"= p2\" names no answer; write \"= \" and a "
     "profile that has one here"},
    {"\"= p1\"", "\"p1\"",
     "vectors[0].expect.p2: \"p1\" names no answer; write \"= \" and a "
     "profile that has one here"},
    {"\"output\": []", "\"rejected\": \"EINVAL\"",
     "vectors[0].expect.p3: unknown field \"rejected\"; remove it"},
    {"\"output\": []", "", "vectors[0].expect.p3: no field \"output\"; add it"},
    {"\"gso_type\":4", "\"gso_type\":256",
     "vectors[0].expect.p1.output[0].vnet.gso_type: not a number; write one "
     "from 0 to 255"},
    {"\"gso_size\":65535,", "",
     "vectors[0].expect.p1.output[0].vnet: no field \"gso_size\"; add it"},
    {"\"csum_start\":3", "\"csum_start\":-1",
     "vectors[0].expect.p1.output[0].vnet.csum_start: not a number; write one "
     "from 0 to 65535"},
    {"[1,2,14]", "[1,2]",
     "vectors[0].expect.p1.output[0].payload[0]: not a slice; write "
     "[packet,offset,length]"},
    {"[1,2,14]", "[1,3,14]",
     "vectors[0].expect.p1.output[0].payload[0]: packet 1 has only 16 bytes; "
     "correct the slice"},
    {"[1,2,14]", "[1,17,0]",
     "vectors[0].expect.p1.output[0].payload[0]: packet 1 has only 16 bytes; "
     "correct the slice"},
    {"[1,2,14]", "[3,2,14]",
     "vectors[0].expect.p1.output[0].payload[0]: there is no packet 3; flush "
     "entries have no number"},
    {"\"of\":[2]", "\"of\":[3]",
     "vectors[0].expect.p1.output[1].of[0]: there is no packet 3; flush "
     "entries have no number"},
    {"\"packet\":\"\",\"of\"", "\"header\":\"\",\"of\"",
     "vectors[0].expect.p1.output[1]: no field \"payload\"; add it"},
    {"\"packet\":\"\",\"of\"", "\"packet\":\"\",\"header\":\"\",\"of\"",
     "vectors[0].expect.p1.output[1]: unknown field \"header\"; remove it"},
    {"\"held\",", "",
     "vectors[0].expect.p1.verdict: 2 entries for 3 packets; give each one"},
    {"\"held\"", "\"kept\"",
     "vectors[0].expect.p1.verdict[0]: \"kept\" is not a verdict; write held, "
     "merged, passed or rejected"},
    {"[null,\"GRO-TCP-001\",null]", "[null,1,null]",
     "vectors[0].expect.p1.rule[1]: not a string; write \"...\""},
    {"[null,\"GRO-TCP-001\",null]", "null",
     "vectors[0].expect.p1.rule: not an array; write [...]"},
    {"\"packets\":[3,4]", "\"packets\":[3,-4]",
     "vectors[0].source.packets[1]: not a number; write one from 0 to "
     "4294967295"},
};

static char *replace(const char *text, const struct fault *fault)
{
    const char *at = strstr(text, fault->from);
    char *changed;

    assert_non_null(at);
    assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text,
                         fault->to, at + strlen(fault->from)) > 0);
    return changed;
}

static void every_fault_has_its_message(void **state)
{
    char *path = in_folder("fault.json");

    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        char *text = replace(everything, &faults[i]);
        struct vector_file file = {0};
        const char *why;

        write_text(path, text);
        why = vector_file_read(&file, path);
        assert_non_null(why);
        assert_null(strchr(why, '\n'));
        assert_memory_equal(why, path, strlen(path));
        if (strncmp(why + strlen(path) + 2, faults[i].why,
                    strlen(faults[i].why)) != 0)
            fail_msg("%s: not \"%s\"", why, faults[i].why);
        vector_file_free(&file);
        free(text);
    }
    free(path);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    static const char missing[] = "/nowhere/at/all.json";
    struct vector_file file = {0};

    (void)state;
    assert_string_equal(vector_file_read(&file, missing),
                        "/nowhere/at/all.json: No such file or directory; "
                        "give a vector file");
    assert_string_equal(vector_file_read(&file, "/"),
                        "/: Is a directory; give a vector file");
    vector_file_free(&file);
}

/* Writes `copies` copies of the text, packed by gzip. */
static void write_packed(const char *path, const char *text, size_t copies)
{
    const unsigned len = (unsigned)strlen(text);
    gzFile packed = gzopen(path, "w");

    assert_non_null(packed);
    for (size_t i = 0; i < copies; i++)
        assert_int_equal(gzwrite(packed, text, len), len);
    assert_int_equal(gzclose(packed), Z_OK);
}

static void a_packed_file_is_read_as_it_was_written(void **state)
{
    char *path = in_folder("packed.json.gz");
    struct vector_file file = {0};
    const char *why;

    (void)state;
    write_packed(path, everything, 1);
    why = vector_file_read(&file, path);
    assert_string_equal(why == NULL ? "" : why, "");
    check_everything(&file);
    vector_file_free(&file);
    free(path);
}

static void expect_refusal(const char *path, const char *end)
{
    struct vector_file file = {0};
    const char *why = vector_file_read(&file, path);

    assert_non_null(why);
    assert_null(strchr(why, '\n'));
    assert_memory_equal(why, path, strlen(path));
    assert_non_null(strstr(why + strlen(path), end));
    vector_file_free(&file);
}

/* The checksums behind the data are verified, too. A file is cut at each place
 * behind the bytes by which zlib knows gzip.
 */
static void a_packed_file_that_is_damaged_is_refused(void **state)
{
    enum { MAGIC = 4 };
    static const char damaged[] = "damaged or cut; pack it again with gzip";
    char *path = in_folder("damaged.json.gz");
    struct stat status;
    FILE *stream;

    (void)state;
    write_packed(path, everything, 1);
    assert_int_equal(stat(path, &status), 0);
    stream = fopen(path, "r+");
    assert_non_null(stream);
    fseek(stream, -8, SEEK_END);
    fputs("crc?", stream);
    assert_int_equal(fclose(stream), 0);
    expect_refusal(path, damaged);
    write_packed(path, everything, 1);
    for (off_t len = status.st_size - 1; len >= MAGIC; len--) {
        assert_int_equal(truncate(path, len), 0);
        expect_refusal(path, damaged);
    }
    free(path);
}

static void a_packed_file_may_not_be_a_bomb(void **state)
{
    static char blanks[1 << 20];
    char *path = in_folder("bomb.json.gz");

    (void)state;
    memset(blanks, ' ', sizeof blanks - 1);
    write_packed(path, blanks, 64);
    expect_refusal(path, "correct the JSON");
    write_packed(path, blanks, 65);
    expect_refusal(path, "more than 64 MiB when unpacked; split it");
    free(path);
}

/* A failed write leaves the old file as it was, and no other file. */
static void a_failed_write_leaves_nothing_behind(void **state)
{
    char *in = in_folder("in.json");
    char *out = in_folder("sub/out.json");
    char *old = in_folder("old.json");
    struct vector_file file = {0};
    struct vector_file bad = {.suite = "s", .spec = "1", .vector_count = 1};
    struct vector vector = {.id = "id", .title = ""};
    char *text;

    (void)state;
    write_text(in, everything);
    write_text(old, "old");
    assert_null(vector_file_read(&file, in));
    assert_non_null(strstr(vector_file_write(&file, out), "No such file"));
    bad.vectors = &vector;
    assert_non_null(strstr(vector_file_write(&bad, old),
                           "old.json: vectors[0].rules: empty"));
    text = read_text(old);
    assert_string_equal(text, "old");
    vector_file_free(&file);
    vector_file_free(&bad);
    free(text);
    free(in);
    free(out);
    free(old);
}

/* Slices are used if they are shorter and if the bytes agree. */
static void slices_are_found_by_their_bytes(void **state)
{
    const uint8_t a[] = "HHHH-payload-of-a-which-is-long-enough";
    const uint8_t b[] = "hhhh-and-that-of-b-long-enough-as-well";
    uint8_t both[sizeof a + sizeof b - 4];
    const uint32_t of[] = {0, 1};
    const struct run_input input[] = {{.packet = a, .len = sizeof a},
                                      {.flush = true},
                                      {.packet = b, .len = sizeof b}};
    const struct run run = {.input = input, .inputs = COUNT(input)};
    struct run_output output = {
        .has_of = true, .packet = both, .len = sizeof both, .of = of, .ofs = 2};
    struct arena arena = {0};
    struct slices slices = {0};

    (void)state;
    memcpy(both, a, sizeof a);
    memcpy(both + sizeof a, b + 4, sizeof b - 4);
    memset(both, 'X', 4);
    assert_true(slices_find(&arena, &run, &output, &slices));
    assert_int_equal(slices.header, 4);
    assert_int_equal(slices.at[1].packet, 1);
    assert_int_equal(slices.at[1].offset, 4);
    assert_int_equal(slices.at[1].len, sizeof b - 4);
    both[4] ^= 1;
    assert_false(slices_find(&arena, &run, &output, &slices));
    both[4] ^= 1;
    output.len--;
    assert_false(slices_find(&arena, &run, &output, &slices));
    output.len++;
    output.has_of = false;
    assert_false(slices_find(&arena, &run, &output, &slices));
    output = (struct run_output){
        .has_of = true, .packet = a, .len = 4, .of = of, .ofs = 1};
    assert_false(slices_find(&arena, &run, &output, &slices));
    arena_free(&arena);
}

/* Of a segment, the longest end that the super-packet contains. */
static void slices_of_a_segment_are_found(void **state)
{
    const uint8_t whole[] = "HHHH-the-payload-of-a-super-packet-of-two";
    uint8_t segment[] = "hhhh-of-a-super-packet-of-two";
    const struct run_input input[] = {{.packet = whole, .len = sizeof whole}};
    const struct run run = {.op = RUN_GSO, .input = input, .inputs = 1};
    const struct run_output output = {.packet = segment, .len = sizeof segment};
    struct arena arena = {0};
    struct slices slices = {0};

    (void)state;
    assert_true(slices_find(&arena, &run, &output, &slices));
    assert_int_equal(slices.header, 4);
    assert_int_equal(slices.count, 1);
    assert_int_equal(slices.at[0].packet, 0);
    assert_int_equal(slices.at[0].offset, sizeof whole - sizeof segment + 4);
    assert_int_equal(slices.at[0].len, sizeof segment - 4);
    segment[sizeof segment - 1] = 'X';
    assert_false(slices_find(&arena, &run, &output, &slices));
    segment[sizeof segment - 2] = 'X';
    segment[sizeof segment - 1] = '\0';
    assert_false(slices_find(&arena, &run, &output, &slices));
    arena_free(&arena);
}

static void a_folder_has_its_vector_files_only(void **state)
{
    char *paths[] = {in_folder("set"),
                     in_folder("set/b.json"),
                     in_folder("set/a"),
                     in_folder("set/a/z.json"),
                     in_folder("set/c.schema.json"),
                     in_folder("set/d.json"),
                     in_folder("set/e.txt"),
                     in_folder("set/f.json.gz")};
    struct vector_set set = {0};

    (void)state;
    assert_int_equal(mkdir(paths[0], 0777), 0);
    assert_int_equal(mkdir(paths[2], 0777), 0);
    write_text(paths[1], everything);
    write_text(paths[3], everything);
    write_text(paths[4], "garbage");
    write_text(paths[5], "{\"other\": 1}");
    write_text(paths[6], "garbage");
    write_packed(paths[7], everything, 1);
    assert_null(vector_set_add(&set, paths[0]));
    assert_int_equal(set.count, 3);
    assert_string_equal(set.members[0]->path, paths[3]);
    assert_string_equal(set.members[1]->path, paths[1]);
    assert_string_equal(set.members[2]->path, paths[7]);
    assert_non_null(strstr(vector_set_add(&set, paths[5]), "unknown field"));
    assert_non_null(strstr(vector_set_add(&set, paths[6]), "line 1, column"));
    assert_non_null(strstr(vector_set_add(&set, "/nowhere"), "No such file"));
    vector_set_free(&set);
    write_text(paths[5], "{\"vectors\": 1}");
    assert_non_null(strstr(vector_set_add(&set, paths[0]), "no field"));
    vector_set_free(&set);
    for (size_t i = 0; i < COUNT(paths); i++)
        free(paths[i]);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_is_read_as_it_is_written),
        cmocka_unit_test(bad_hex_is_refused),
        cmocka_unit_test(names_of_tunnels),
        cmocka_unit_test(a_file_is_written_as_it_was_read),
        cmocka_unit_test(every_fault_has_its_message),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
        cmocka_unit_test(a_packed_file_is_read_as_it_was_written),
        cmocka_unit_test(a_packed_file_that_is_damaged_is_refused),
        cmocka_unit_test(a_packed_file_may_not_be_a_bomb),
        cmocka_unit_test(a_failed_write_leaves_nothing_behind),
        cmocka_unit_test(slices_are_found_by_their_bytes),
        cmocka_unit_test(slices_of_a_segment_are_found),
        cmocka_unit_test(a_folder_has_its_vector_files_only),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
