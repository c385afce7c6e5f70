/* Where the events of the example come from: camera_bridge.c or camera_recording.c. */
#ifndef CAMERA_H
#define CAMERA_H

#include "bridge.h"

/* Begins anew: somebody listens to the results. */
void camera_begin(uint32_t now);
/* Nobody does any more. */
void camera_end(void);
/* The next event, in order of time, by the camera's clock. False when there is none yet. now: us of the board. */
bool camera_next(uint32_t now, struct bridge_event *event);
/* How far the camera's time has come when there is no event: none before it comes any more. False when it is not known. */
bool camera_time(uint32_t now, uint32_t *time);
/* Frames, and bytes, of the camera that were lost on the way, since the program began. */
uint32_t camera_lost(void);

#endif
