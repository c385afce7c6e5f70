#include "network.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAGIC = 0x4e424353, SLACK = 64 };

static void *zeros(long bytes) {
  void *at = aligned_alloc(64, (size_t)((bytes + SLACK + 63) / 64 * 64));
  if (at == NULL) abort();
  memset(at, 0, (size_t)((bytes + SLACK + 63) / 64 * 64));
  return at;
}

static Image image(int h, int w, int c) {
  return (Image){zeros((long)(h + 2) * (w + 2) * c), h, w, c};
}

/* Blocks of 16 outputs, in them pairs of inputs: the order in which `dense` reads. */
static int16_t *pairs_of(const Layer *layer, const int8_t *weights) {
  const int co = layer->out.c, inputs = layer->kernel * layer->kernel * layer->in.c;
  int16_t *pairs = zeros((long)inputs * co * 2);
  for (int b = 0; b < co / BLOCK; b++)
    for (int k = 0; k < inputs; k++)
      for (int o = 0; o < BLOCK; o++) pairs[((b * inputs + k - k % 2) * BLOCK) + o * 2 + k % 2] = weights[k * co + b * BLOCK + o];
  return pairs;
}

static int16_t clamp16(int32_t v) {
  return (int16_t)(v < -32768 ? -32768 : v > 32767 ? 32767 : v);
}

static int16_t *thresholds_of(const int32_t *from, int co) {
  int16_t *to = zeros((long)co * MAX_COUNT * 2);
  for (int c = 0; c < co; c++)
    for (int k = 0; k < MAX_COUNT; k++)
      to[(c / I16_LANES * MAX_COUNT + k) * I16_LANES + c % I16_LANES] = clamp16(from[c * MAX_COUNT + k] - 1);
  return to;
}

/* i32 words: MAGIC, layers, frames; for each layer kind, stride, kernel, h, w, ci, oh, ow, co, weights, then thresholds i32[co, MAX_COUNT]
   and weights i8, padded to words; then the head's weights, padded; then the frames. */
int network_read(const char *path, Network *network) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return 0;
  fseek(file, 0, SEEK_END);
  const long bytes = ftell(file);
  rewind(file);
  char *all = zeros(bytes);
  const int whole = fread(all, 1, (size_t)bytes, file) == (size_t)bytes;
  fclose(file);
  const int32_t *at = (const int32_t *)all;
  if (!whole || at[0] != MAGIC) return 0;
  network->layers = at[1];
  network->frames = at[2];
  network->layer = zeros((long)sizeof(Layer) * at[1]);
  at += 3;
  for (int i = 0; i < network->layers; i++) {
    Layer *layer = &network->layer[i];
    layer->kind = at[0], layer->stride = at[1], layer->kernel = at[2];
    layer->in = i == 0 ? image(at[3], at[4], at[5]) : network->layer[i - 1].out;
    layer->out = image(at[6], at[7], at[8]);
    const int weights = at[9];
    layer->thresholds = thresholds_of(at + 10, layer->out.c);
    const int8_t *from = (const int8_t *)(at + 10 + layer->out.c * MAX_COUNT);
    layer->rows = zeros(weights * 2L);
    for (int k = 0; k < weights; k++) layer->rows[k] = from[k];
    layer->pairs = layer->kind == DEPTHWISE ? NULL : pairs_of(layer, from);
    at = (const int32_t *)(from + (weights + 3) / 4 * 4);
  }
  const Image in = network->layer[0].in;
  network->frame_bytes = in.h * in.w * in.c;
  network->head = (int8_t *)at;
  network->frame = (uint8_t *)(network->head + (network->layer[network->layers - 1].out.c * CLASSES + 3) / 4 * 4);
  return 1;
}

static void take(const Network *network, int frame) {
  const Image in = network->layer[0].in;
  const uint8_t *from = network->frame + (long)frame * network->frame_bytes;
  for (int y = 0; y < in.h; y++) memcpy(in.data + ((y + 1) * (in.w + 2) + 1) * in.c, from + y * in.w * in.c, (size_t)(in.w * in.c));
}

void network_run(const Network *network, int frame, int by_spikes, int32_t logits[CLASSES]) {
  take(network, frame);
  for (int i = 0; i < network->layers; i++) {
    const Layer *layer = &network->layer[i];
    if (layer->kind == DEPTHWISE) depthwise(layer);
    else if (by_spikes) spikes(layer);
    else dense(layer);
  }
  const Image last = network->layer[network->layers - 1].out;
  int32_t pooled[1024] = {0};
  for (int y = 1; y <= last.h; y++)
    for (int x = 1; x <= last.w; x++)
      for (int c = 0; c < last.c; c++) pooled[c] += last.data[(y * (last.w + 2) + x) * last.c + c];
  memset(logits, 0, CLASSES * sizeof *logits);
  for (int c = 0; c < last.c; c++)
    for (int o = 0; o < CLASSES; o++) logits[o] += pooled[c] * network->head[c * CLASSES + o];
}
