/* SPDX-License-Identifier: MIT */
/*
 * How fast one core seals and opens packets by libsodium's AES-256-GCM, as
 * ref/examples/vpn.c does. Beside the cipher nothing is done.
 *
 *     grove-bench-cipher BYTES MILLISECONDS
 *
 * BYTES is the length of a packet. It prints the gigabits per second of CPU
 * time that are sealed, and those that are opened.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* As many packets as a super-packet has, so that they are in the cache. */
enum { PACKETS = 45, LONGEST = 65536, TAG = 16, NONCE = 12, KEY = 32 };

struct packet {
    uint8_t nonce[NONCE];
    uint8_t bytes[LONGEST + TAG];
};

static struct packet packets[PACKETS];
static crypto_aead_aes256gcm_state key;

static void seal(struct packet *packet, size_t len, uint64_t counter)
{
    memcpy(packet->nonce, &counter, sizeof counter);
    crypto_aead_aes256gcm_encrypt_detached_afternm(
        packet->bytes, packet->bytes + len, NULL, packet->bytes, len, NULL, 0,
        NULL, packet->nonce, &key);
}

static void unseal(struct packet *packet, size_t len)
{
    if (crypto_aead_aes256gcm_decrypt_detached_afternm(
            packet->bytes, NULL, packet->bytes, len, packet->bytes + len, NULL,
            0, packet->nonce, &key) != 0) {
        fprintf(stderr, "grove-bench-cipher: a tag is wrong\n");
        exit(1);
    }
}

/* Of this process, in seconds. */
static double cpu_time(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    const size_t len = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    const double limit = argc == 3 ? strtod(argv[2], NULL) / 1e3 : 0;
    double sealing = 0;
    double opening = 0;
    uint64_t count = 0;
    uint8_t bytes[KEY] = {1};

    if (len == 0 || len > LONGEST || limit <= 0) {
        fprintf(stderr, "usage: grove-bench-cipher BYTES MILLISECONDS\n");
        return 2;
    }
    if (sodium_init() < 0 || crypto_aead_aes256gcm_is_available() == 0) {
        fprintf(stderr, "grove-bench-cipher: this processor has no AES\n");
        return 77;
    }
    crypto_aead_aes256gcm_beforenm(&key, bytes);
    while (sealing + opening < limit) {
        const double begin = cpu_time();
        double middle;

        for (size_t i = 0; i < PACKETS; i++)
            seal(&packets[i], len, count++);
        middle = cpu_time();
        for (size_t i = 0; i < PACKETS; i++)
            unseal(&packets[i], len);
        opening += cpu_time() - middle;
        sealing += middle - begin;
    }
    printf("%.3f %.3f\n", (double)count * (double)len * 8e-9 / sealing,
           (double)count * (double)len * 8e-9 / opening);
    return 0;
}
