/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum, 64 bytes per two instructions, for x86 with AVX-512
 * and its VNNI instructions.
 *
 * As in checksum_avx2.c the top bit of each word is inverted, which subtracts
 * 32768 from it as a signed number. One instruction of VNNI then multiplies all
 * words by one, adds adjacent ones, and adds these to the 32-bit lanes. The
 * lines of the cache are summed one by one, as a load that crosses a line costs
 * two. The first and the last load take a part of a line, where a mask gives
 * zeros for the other bytes, and reads none of them.
 *
 * It reads packet memory directly, and never outside [data, data + len).
 */
#include "checksum_ways.h"

#ifdef GROVE_HAVE_AVX512

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vnni")))

/* Bytes of a line of the cache, and of a vector. */
#define LINE ((size_t)64)

/* The most bytes at once: the sum of their words fits into 32 bits. */
#define LINES_MAX (2048 * LINE)

/* Adds the words of the vector to the lanes, minus 32768 each. */
AVX512 static inline __m512i add_words(__m512i lanes, __m512i words)
{
    const __m512i top = _mm512_set1_epi16(INT16_MIN);
    const __m512i one = _mm512_set1_epi16(1);

    return _mm512_dpwssd_epi32(lanes, _mm512_xor_si512(words, top), one);
}

AVX512 static inline __m512i load_line(const uint8_t *data)
{
    return _mm512_loadu_si512(data);
}

/* The `len` bytes at `data`, 1 to LINE, and zeros. */
AVX512 static inline __m512i load_part(const uint8_t *data, size_t len)
{
    return _mm512_maskz_loadu_epi8(~UINT64_C(0) >> (LINE - len), data);
}

/*
 * The sum of LINE to LINES_MAX bytes. If `data` is odd, the vectors lie across
 * lines, since words stay together.
 */
AVX512 static inline uint32_t sum_lines(const uint8_t *data, size_t len)
{
    const size_t head = LINE - ((uintptr_t)data & (LINE - 2));
    const uint32_t vectors = 1 + (uint32_t)((len - head + LINE - 1) / LINE);
    const __m512i zero = _mm512_setzero_si512();
    __m512i a = add_words(zero, load_part(data, head));
    __m512i b = zero;
    __m512i c = zero;
    __m512i d = zero;

    data += head;
    len -= head;
    for (; len >= 4 * LINE; data += 4 * LINE, len -= 4 * LINE) {
        a = add_words(a, load_line(data));
        b = add_words(b, load_line(data + LINE));
        c = add_words(c, load_line(data + 2 * LINE));
        d = add_words(d, load_line(data + 3 * LINE));
    }
    for (; len >= LINE; data += LINE, len -= LINE)
        b = add_words(b, load_line(data));
    if (len != 0)
        c = add_words(c, load_part(data, len));
    a = _mm512_add_epi32(_mm512_add_epi32(a, b), _mm512_add_epi32(c, d));
    /* 32 words of a vector lack 2^15 each. */
    return (uint32_t)_mm512_reduce_add_epi32(a) + (vectors << 20);
}

AVX512 uint16_t checksum_avx512(const uint8_t *data, size_t len)
{
    uint64_t sum = 0;

    while (len >= LINE) {
        const size_t take = len < LINES_MAX ? len : LINES_MAX;

        sum = checksum_add(sum, sum_lines(data, take));
        data += take;
        len -= take;
    }
    return checksum_finish(checksum_add_bytes(sum, data, len));
}

#endif
