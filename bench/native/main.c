/* main FILE dense|spikes: answers "run N" lines on stdin with the seconds that N frames took, as bench/contestants/child.ts asks. */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "network.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  Network network;
  if (argc != 3 || !network_read(argv[1], &network)) {
    fprintf(stderr, "usage: main FILE dense|spikes\n");
    return 64;
  }
  const int by_spikes = strcmp(argv[2], "spikes") == 0;
  int32_t logits[CLASSES];
  printf("{\"version\":\"gcc %s\",\"outputs\":[", __VERSION__);
  for (int frame = 0; frame < network.frames; frame++) {
    network_run(&network, frame, by_spikes, logits);
    for (int o = 0; o < CLASSES; o++) printf("%s%d", o == 0 ? (frame == 0 ? "[" : ",[") : ",", logits[o]);
    printf("]");
  }
  printf("]}\n");
  fflush(stdout);
  char line[64];
  int frame = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    const long n = strncmp(line, "run ", 4) == 0 ? atol(line + 4) : 0;
    const double began = now();
    for (long i = 0; i < n; i++) {
      network_run(&network, frame, by_spikes, logits);
      frame = frame + 1 == network.frames ? 0 : frame + 1;
    }
    printf("{\"seconds\":%.9f}\n", now() - began);
    fflush(stdout);
  }
  return 0;
}
