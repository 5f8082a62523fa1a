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

/*
 * The sum of the lanes, mod 2^32. gcc's _mm512_reduce_add_epi32() is undefined
 * if it overflows.
 */
AVX512 static inline uint32_t sum_lanes(__m512i lanes)
{
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(lanes),
                                    _mm512_extracti64x4_epi64(lanes, 1));
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(half),
                                _mm256_extracti128_si256(half, 1));

    sum = _mm_add_epi32(sum, _mm_srli_si128(sum, 8));
    sum = _mm_add_epi32(sum, _mm_srli_si128(sum, 4));
    return (uint32_t)_mm_cvtsi128_si32(sum);
}

/* GCOVR_EXCL_BR_START: `copies` is a constant, since all is inlined twice. */
/* The line at `at`, which is also copied. */
AVX512 CHECKSUM_INLINE __m512i take_line(const struct checksum_rest *rest,
                                         size_t at)
{
    const __m512i line = _mm512_loadu_si512(rest->data + at);

    if (rest->copies)
        _mm512_storeu_si512(rest->to + at, line);
    return line;
}

/* The first `len` bytes, 1 to LINE, and zeros behind them. */
AVX512 CHECKSUM_INLINE __m512i take_part(const struct checksum_rest *rest,
                                         size_t len)
{
    const __mmask64 mask = ~UINT64_C(0) >> (LINE - len);
    const __m512i part = _mm512_maskz_loadu_epi8(mask, rest->data);

    if (rest->copies)
        _mm512_mask_storeu_epi8(rest->to, mask, part);
    return part;
}

/* How many bytes of its line stand before an address, or before the even one.
 */
CHECKSUM_INLINE size_t before_in_line(const uint8_t *at)
{
    return (uintptr_t)at & (LINE - 2);
}

/*
 * The sum of LINE to LINES_MAX bytes. Lines are those of the copy, if there is
 * one. If it begins at an odd address, vectors lie across lines, since words
 * stay together.
 */
AVX512 CHECKSUM_INLINE uint32_t take_lines(struct checksum_rest rest)
{
    const uint8_t *first = rest.copies ? rest.to : rest.data;
    const size_t head = LINE - before_in_line(first);
    const uint32_t vectors =
        1 + (uint32_t)((rest.len - head + LINE - 1) / LINE);
    const __m512i zero = _mm512_setzero_si512();
    __m512i a = add_words(zero, take_part(&rest, head));
    __m512i b = zero;
    __m512i c = zero;
    __m512i d = zero;

    checksum_pass(&rest, head);
    for (; rest.len >= 4 * LINE; checksum_pass(&rest, 4 * LINE)) {
        a = add_words(a, take_line(&rest, 0));
        b = add_words(b, take_line(&rest, LINE));
        c = add_words(c, take_line(&rest, 2 * LINE));
        d = add_words(d, take_line(&rest, 3 * LINE));
    }
    for (; rest.len >= LINE; checksum_pass(&rest, LINE))
        b = add_words(b, take_line(&rest, 0));
    if (rest.len != 0)
        c = add_words(c, take_part(&rest, rest.len));
    a = _mm512_add_epi32(_mm512_add_epi32(a, b), _mm512_add_epi32(c, d));
    /* 32 words of a vector lack 2^15 each. */
    return sum_lanes(a) + (vectors << 20);
}

AVX512 CHECKSUM_INLINE uint16_t take_avx512(struct checksum_rest rest)
{
    uint64_t sum = 0;

    while (rest.len >= LINE) {
        const size_t take = rest.len < LINES_MAX ? rest.len : LINES_MAX;

        sum = checksum_add(sum, take_lines((struct checksum_rest){
                                    rest.data, rest.to, take, rest.copies}));
        checksum_pass(&rest, take);
    }
    return checksum_end(sum, rest);
}

/* GCOVR_EXCL_BR_STOP */

AVX512 CHECKSUM_ALIGNED uint16_t checksum_avx512(const uint8_t *data,
                                                 size_t len)
{
    return take_avx512((struct checksum_rest){data, NULL, len, false});
}

AVX512 CHECKSUM_ALIGNED uint16_t copy_avx512(uint8_t *to, const uint8_t *data,
                                             size_t len)
{
    return take_avx512((struct checksum_rest){data, to, len, true});
}

#endif
