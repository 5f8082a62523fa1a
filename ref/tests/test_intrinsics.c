/* SPDX-License-Identifier: MIT */
/*
 * The models of instructions in proofs/intrinsics, by which checksums are
 * proved, do what the processor does, with any vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../tools/oracle/dice.h"

#define GROVE_TEST_INTRINSICS
#include "../proofs/intrinsics/arm_neon.h"
#include "../proofs/intrinsics/immintrin.h"

enum { ROUNDS = 1000 };

/* Any bytes; often all bits of a byte are alike. */
static void roll_bytes(struct dice *dice, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = one_in(dice, 4) ? (one_in(dice, 2) ? 0xff : 0)
                                   : (uint8_t)roll(dice);
}

/* Both sides of an instruction give the same bytes. */
#define SAME(type, real_call, model_call)                                      \
    do {                                                                       \
        type r;                                                                \
        type m;                                                                \
                                                                               \
        r.real = (real_call);                                                  \
        m.model = (model_call);                                                \
        assert_memory_equal(r.bytes, m.bytes, sizeof r.bytes);                 \
    } while (0)

#if defined(__x86_64__)
#include <immintrin.h>

union v128 {
    uint8_t bytes[16];
    __m128i real;
    model_m128i model;
};

union v256 {
    uint8_t bytes[32];
    __m256i real;
    model_m256i model;
};

union v512 {
    uint8_t bytes[64];
    __m512i real;
    model_m512i model;
};

#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vnni")))

AVX2 static void compare_avx2(const union v256 *a, const union v256 *b)
{
    const union v128 low = {.model = model_mm256_castsi256_si128(a->model)};
    const union v128 high = {.model =
                                 model_mm256_extracti128_si256(a->model, 1)};
    union v256 stored = {{0}};
    union v128 half = {{0}};

    SAME(union v256, _mm256_loadu_si256(&a->real),
         model_mm256_loadu_si256(&a->model));
    model_mm256_storeu_si256(&stored.model, a->model);
    assert_memory_equal(stored.bytes, a->bytes, sizeof stored.bytes);
    model_mm_storeu_si128(&half.model, low.model);
    assert_memory_equal(half.bytes, a->bytes, sizeof half.bytes);
    SAME(union v128, _mm256_castsi256_si128(a->real), low.model);
    SAME(union v128, _mm256_extracti128_si256(a->real, 1), high.model);
    SAME(union v256, _mm256_set1_epi16(INT16_MIN),
         model_mm256_set1_epi16(INT16_MIN));
    SAME(union v256, _mm256_set1_epi32(-70000), model_mm256_set1_epi32(-70000));
    SAME(union v256, _mm256_set1_epi64x(0xffffffff),
         model_mm256_set1_epi64x(0xffffffff));
    SAME(union v256, _mm256_setzero_si256(), model_mm256_setzero_si256());
    SAME(union v128, _mm_add_epi64(low.real, high.real),
         model_mm_add_epi64(low.model, high.model));
    SAME(union v256, _mm256_add_epi32(a->real, b->real),
         model_mm256_add_epi32(a->model, b->model));
    SAME(union v256, _mm256_add_epi64(a->real, b->real),
         model_mm256_add_epi64(a->model, b->model));
    SAME(union v256, _mm256_and_si256(a->real, b->real),
         model_mm256_and_si256(a->model, b->model));
    SAME(union v256, _mm256_xor_si256(a->real, b->real),
         model_mm256_xor_si256(a->model, b->model));
    SAME(union v256, _mm256_srli_epi64(a->real, 32),
         model_mm256_srli_epi64(a->model, 32));
    SAME(union v256, _mm256_madd_epi16(a->real, b->real),
         model_mm256_madd_epi16(a->model, b->model));
}

static void avx2(void **state)
{
    struct dice dice = {.state = 1};

    (void)state;
    if (!__builtin_cpu_supports("avx2"))
        skip();
    for (int i = 0; i < ROUNDS; i++) {
        union v256 a;
        union v256 b;

        roll_bytes(&dice, a.bytes, sizeof a.bytes);
        roll_bytes(&dice, b.bytes, sizeof b.bytes);
        compare_avx2(&a, &b);
    }
}

/* Loads and stores of the bytes that the mask names, and of no other. */
AVX512 static void compare_masked(const union v512 *a, const union v512 *b,
                                  uint64_t mask)
{
    union v512 real = *b;
    union v512 model = *b;

    SAME(union v512, _mm512_maskz_loadu_epi8(mask, a->bytes),
         model_mm512_maskz_loadu_epi8(mask, a->bytes));
    _mm512_mask_storeu_epi8(real.bytes, mask, a->real);
    model_mm512_mask_storeu_epi8(model.bytes, mask, a->model);
    assert_memory_equal(real.bytes, model.bytes, sizeof real.bytes);
    model_mm512_storeu_si512(model.bytes, a->model);
    assert_memory_equal(model.bytes, a->bytes, sizeof model.bytes);
    SAME(union v512, _mm512_loadu_si512(a->bytes),
         model_mm512_loadu_si512(a->bytes));
}

AVX512 static void compare_avx512(const union v512 *a, const union v512 *b,
                                  const union v512 *sum)
{
    const union v256 low = {.model = model_mm512_castsi512_si256(a->model)};
    const union v128 one = {.model = model_mm256_castsi256_si128(low.model)};
    const union v128 two = {.model =
                                model_mm256_extracti128_si256(low.model, 1)};

    SAME(union v256, _mm512_castsi512_si256(a->real), low.model);
    SAME(union v256, _mm512_extracti64x4_epi64(a->real, 1),
         model_mm512_extracti64x4_epi64(a->model, 1));
    SAME(union v512, _mm512_set1_epi16(INT16_MIN),
         model_mm512_set1_epi16(INT16_MIN));
    SAME(union v512, _mm512_setzero_si512(), model_mm512_setzero_si512());
    SAME(union v512, _mm512_add_epi32(a->real, b->real),
         model_mm512_add_epi32(a->model, b->model));
    SAME(union v512, _mm512_xor_si512(a->real, b->real),
         model_mm512_xor_si512(a->model, b->model));
    SAME(union v512, _mm512_dpwssd_epi32(sum->real, a->real, b->real),
         model_mm512_dpwssd_epi32(sum->model, a->model, b->model));
    SAME(union v128, _mm_add_epi32(one.real, two.real),
         model_mm_add_epi32(one.model, two.model));
    SAME(union v128, _mm_srli_si128(one.real, 8),
         model_mm_srli_si128(one.model, 8));
    SAME(union v128, _mm_srli_si128(one.real, 4),
         model_mm_srli_si128(one.model, 4));
    assert_int_equal(_mm_cvtsi128_si32(one.real),
                     model_mm_cvtsi128_si32(one.model));
}

static void avx512(void **state)
{
    struct dice dice = {.state = 1};

    (void)state;
    if (!__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512vnni"))
        skip();
    for (int i = 0; i < ROUNDS; i++) {
        union v512 a;
        union v512 b;
        union v512 sum;

        roll_bytes(&dice, a.bytes, sizeof a.bytes);
        roll_bytes(&dice, b.bytes, sizeof b.bytes);
        roll_bytes(&dice, sum.bytes, sizeof sum.bytes);
        compare_avx512(&a, &b, &sum);
        compare_masked(&a, &b, ~UINT64_C(0) >> i % 64);
    }
}
#endif

#if defined(__aarch64__)
#include <arm_neon.h>
#include <sys/auxv.h>

#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

/* A vector as NEON and the models have it. */
union vector {
    uint8_t bytes[16];
    uint8x16_t real;
    uint32x4_t words;
    model_vector model;
};

static void compare_neon(const union vector *a, const union vector *sum)
{
    union vector real;
    union vector model;

    SAME(union vector, vld1q_u8(a->bytes), model_vld1q_u8(a->bytes));
    model_vst1q_u8(model.bytes, a->model);
    assert_memory_equal(model.bytes, a->bytes, sizeof model.bytes);
    SAME(union vector, vreinterpretq_u8_u32(vdupq_n_u32(0x12345678)),
         model_vdupq_n_u32(0x12345678));
    SAME(union vector, vreinterpretq_u8_u16(vdupq_n_u16(0x0100)),
         model_vdupq_n_u16(0x0100));
    real.words = vpadalq_u16(sum->words, vreinterpretq_u16_u8(a->real));
    model.model = model_vpadalq_u16(sum->model, a->model);
    assert_memory_equal(real.bytes, model.bytes, sizeof real.bytes);
    assert_true(vaddlvq_u32(a->words) == model_vaddlvq_u32(a->model));
}

DOTPROD static void compare_dotprod(const union vector *a,
                                    const union vector *b,
                                    const union vector *sum)
{
    union vector real;
    union vector model;

    real.words = vdotq_u32(sum->words, a->real, b->real);
    model.model = model_vdotq_u32(sum->model, a->model, b->model);
    assert_memory_equal(real.bytes, model.bytes, sizeof real.bytes);
}

static void neon(void **state)
{
    struct dice dice = {.state = 1};

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        union vector a;
        union vector b;
        union vector sum;

        roll_bytes(&dice, a.bytes, sizeof a.bytes);
        roll_bytes(&dice, b.bytes, sizeof b.bytes);
        roll_bytes(&dice, sum.bytes, sizeof sum.bytes);
        compare_neon(&a, &sum);
        if ((getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0)
            compare_dotprod(&a, &b, &sum);
    }
}
#endif

int main(void)
{
    static const struct CMUnitTest tests[] = {
#if defined(__x86_64__)
        cmocka_unit_test(avx2),
        cmocka_unit_test(avx512),
#else
        cmocka_unit_test(neon),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
