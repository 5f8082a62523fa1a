/* SPDX-License-Identifier: MIT */
/* A program that uses an installed libgrove by the functions of an example. */
#define main example_main
/* NOLINTNEXTLINE(bugprone-suspicious-include): its functions are used. */
#include "write_batch.c"
#undef main

/* Two TCP segments over IPv4 of one flow, with `ab` and `cd` in them. */
static const uint8_t first[] = {
    0x45, 0, 0,  42, 0,    1,    0x40, 0,  64,   6,    0x26, 0xcb, 10,  0,
    0,    1, 10, 0,  0,    2,    0,    1,  0,    2,    0,    0,    0,   1,
    0,    0, 0,  1,  0x50, 0x10, 0,    99, 0x3a, 0x06, 0,    0,    'a', 'b'};
static const uint8_t second[] = {
    0x45, 0, 0,  42, 0,    2,    0x40, 0,  64,   6,    0x26, 0xca, 10,  0,
    0,    1, 10, 0,  0,    2,    0,    1,  0,    2,    0,    0,    0,   3,
    0,    0, 0,  1,  0x50, 0x10, 0,    99, 0x38, 0x02, 0,    0,    'c', 'd'};

int main(void)
{
    const struct grove_config config = {.profile = "linux-6.18"};
    const struct grove_packet packets[] = {
        {.data = first, .len = sizeof first},
        {.data = second, .len = sizeof second}};
    struct batch_writer writer = {-1, NULL, 0, 0};
    FILE *tun = tmpfile();
    char written[128];

    if (tun == NULL || grove_table_new(&config, &writer.table) != GROVE_OK)
        return 1;
    writer.tun = fileno(tun);
    if (write_batch(&writer, packets, 2) != 0)
        return 1;
    grove_table_free(writer.table);

    /* One super-packet: the virtio header, the headers, both payloads. */
    rewind(tun);
    if (fread(written, 1, sizeof written, tun) != 10 + 40 + 4)
        return 1;
    printf("libgrove %s: %.4s\n", grove_version(), written + 50);
    return memcmp(written + 50, "abcd", 4) == 0 ? 0 : 1;
}
