// The one C interface behind which libjpeg, libpng and the resampling kernels lie.
//
// Both libraries report errors by longjmp. Every function declared here sets its own jump target, so a jump never
// leaves C, and no frame of Swift is ever unwound by one. Nothing here has global state: each decoder or encoder is
// used by one thread at a time, and any number of them run beside each other.
#ifndef CIMAGECODECS_H
#define CIMAGECODECS_H

#include "codec_jpeg.h"
#include "codec_png.h"
#include "codec_report.h"
#include "codec_resample.h"

#endif
