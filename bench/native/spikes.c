/* Spike-driven convolution: list the rows that a pixel's non-zero inputs name, each as often as its count says, then add them with all
   sums of a block of columns in registers. 16-bit rows: without sign extension gcc adds straight from memory. */
#include "network.h"

enum { LIST = 1024 };

/* Appends the offsets of rows first, first + pitch, … of the non-zero among n inputs. */
static inline int list_run(const uint8_t *x, int n, uint32_t first, uint32_t pitch, uint32_t *list, int listed) {
  for (int i = 0; i < n; i += 8) {
    uint64_t eight;
    memcpy(&eight, x + i, 8);
    if (n - i < 8) eight &= ((uint64_t)1 << (8 * (n - i))) - 1;
    /* Counts are below 128, so the top bit of each byte says whether it is zero. */
    for (uint64_t lit = (eight + 0x7f7f7f7f7f7f7f7f) & 0x8080808080808080; lit != 0; lit &= lit - 1) {
      const int k = i + (__builtin_ctzll(lit) >> 3);
      for (int count = x[k]; count > 0; count--) list[listed++] = first + (uint32_t)k * pitch;
    }
  }
  return listed;
}

static inline __attribute__((always_inline)) void add_rows(const uint32_t *list, int listed, const int16_t *rows,
                                                           const int16_t *thresholds, uint8_t *out, const int vectors) {
  i16v sum[8] = {{0}};
  for (int i = 0; i < listed; i++) {
    const int16_t *row = rows + list[i];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) {
      i16v weights;
      memcpy(&weights, row + v * I16_LANES, sizeof weights);
      sum[v] += weights;
    }
  }
#pragma GCC unroll 8
  for (int v = 0; v < vectors; v++) store_u8(out + v * I16_LANES, counts_of(sum[v], thresholds + v * I16_LANES * MAX_COUNT));
}

void spikes(const Layer *layer) {
  const Image in = layer->in, out = layer->out;
  const int side = layer->kernel, inset = 1 - side / 2, run = side * in.c, pitch = (in.w + 2) * in.c;
  uint32_t list[LIST];
  for (int y = 0; y < out.h; y++) {
    const uint8_t *x = in.data + (y * layer->stride + inset) * pitch + inset * in.c;
    uint8_t *to = out.data + ((y + 1) * (out.w + 2) + 1) * out.c;
    for (int at = 0; at < out.w; at++, x += layer->stride * in.c, to += out.c) {
      int listed = 0;
      for (int row = 0; row < side; row++)
        listed = list_run(x + row * pitch, run, (uint32_t)(row * run * out.c), (uint32_t)out.c, list, listed);
      for (int c = 0; c < out.c;) {
        const int16_t *rows = layer->rows + c, *thresholds = layer->thresholds + c * MAX_COUNT;
        if (out.c - c >= 64) add_rows(list, listed, rows, thresholds, to + c, 64 / I16_LANES), c += 64;
        else if (out.c - c >= 32) add_rows(list, listed, rows, thresholds, to + c, 32 / I16_LANES), c += 32;
        else add_rows(list, listed, rows, thresholds, to + c, 16 / I16_LANES), c += 16;
      }
    }
  }
}
