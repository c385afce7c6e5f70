/* The bench's network as bench/networks/native-file.ts writes it, and as the kernels want it. */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdint.h>
#include "vectors.h"

enum { CONV, DEPTHWISE, POINTWISE };
enum { MAX_COUNT = 4, CLASSES = 10, BLOCK = 16 };

/* An image of counts, u8[h + 2, w + 2, c] with a border of zeros, and room to read a vector past its end. */
typedef struct {
  uint8_t *data;
  int h, w, c;
} Image;

/* One weighted layer with its I-LIF neuron folded to thresholds: count = how many of MAX_COUNT thresholds the sum has reached. */
typedef struct {
  int kind, stride, kernel;
  Image in, out;
  int16_t *rows;       /* i16[k, k, ci, co]: a spike adds a row */
  int16_t *pairs;      /* i16[co / BLOCK][k][k * ci / 2][BLOCK][2]: for pair-wise multiply-adds */
  int16_t *thresholds; /* i16[co / 8][MAX_COUNT][8] by vectors, minus one, so that > decides */
} Layer;

typedef struct {
  int layers, frames, frame_bytes;
  Layer *layer;
  uint8_t *frame;   /* u8[frames][h, w, c] */
  int8_t *head;     /* i8[co, CLASSES] */
} Network;

/* Returns 0 when the file cannot be read or is of another kind. */
int network_read(const char *path, Network *network);

/* Runs every layer, the weighted ones but depthwise by lists of spikes or densely, then the head. */
void network_run(const Network *network, int frame, int by_spikes, int32_t logits[CLASSES]);

void dense(const Layer *layer);
void spikes(const Layer *layer);
void depthwise(const Layer *layer);

/* Counts of one vector of sums. */
static inline i16v counts_of(i16v sums, const int16_t *thresholds) {
  i16v counts = {0};
  for (int k = 0; k < MAX_COUNT; k++) {
    i16v threshold;
    memcpy(&threshold, thresholds + k * I16_LANES, sizeof threshold);
    counts -= sums > threshold;
  }
  return counts;
}

#endif
