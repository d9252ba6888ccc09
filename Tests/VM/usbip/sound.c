#include "sound.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "recording.h"

enum {
  rate = 48000,
  most_packet_bytes = 100,  // 48 samples, and two more for a card whose clock is fast
  from_device = 0x81,
  to_device = 0x02,
  loudest = 0, softest = -32 * 256, volume_step = 256,  // in 1/256 dB
};

struct control { uint8_t mute; int16_t volume; };

// One direction. Its clock runs by itself: transfers are over when their milliseconds have passed, as on a bus.
struct stream {
  struct usbip_transfer *waiting;
  uint64_t next;
  struct control control;
  unsigned long packets, gaps;
};

struct sound {
  struct stream in, out;
  // The microphone's tone, and how fast the card's clock runs.
  double frequency, amplitude, phase, samples_owed;
  int parts_per_million;
  int16_t *film;  // a loop of samples instead of the tone
  size_t film_count, film_at;
  bool stalled;
  struct recording recording;
};

static bool has_in(const struct device *device) { return device->kind != &speaker_kind; }
static bool has_out(const struct device *device) { return device->kind != &microphone_kind; }

void *sound_state(void) {
  struct sound *sound = calloc(1, sizeof *sound);
  if (sound) {
    sound->frequency = 440;
    sound->amplitude = 8000;
    recording_start(&sound->recording);
  }
  return sound;
}

static size_t device_descriptor(struct device *device, uint8_t *to) {
  uint16_t product = (uint16_t)(0x0110 + (has_in(device) ? 1 : 0) + (has_out(device) ? 2 : 0));
  struct descriptors all = {to, 0};
  describe(&all, device_type, bytes2(0x0200), 0, 0, 0, 64, bytes2(0x1d6b), bytes2(product), bytes2(0x0100), 1, 2, 3, 1);
  return all.bytes;
}

// A streaming interface (UAC1, 4.5): silent in setting 0, 48 kHz in setting 1.
static void describe_stream(struct descriptors *all, uint8_t interface, uint8_t terminal, uint8_t endpoint) {
  uint8_t synchronization = endpoint & 0x80 ? 0x05 : 0x09;  // isochronous; a microphone's clock is its own, a speaker follows
  describe(all, interface_type, interface, 0, 0, 1, 2, 0, 0);
  describe(all, interface_type, interface, 1, 1, 1, 2, 0, 0);
  describe(all, class_interface, 1, terminal, 1, bytes2(1));
  describe(all, class_interface, 2, 1, 1, 2, 16, 1, bytes3(rate));
  describe(all, endpoint_type, endpoint, synchronization, bytes2(most_packet_bytes), 1, 0, 0);
  describe(all, class_endpoint, 1, 0, 0, bytes2(0));
}

static size_t configuration_descriptor(struct device *device, uint8_t *to) {
  struct descriptors all = {to, 0};
  uint8_t streams = (uint8_t)(has_in(device) + has_out(device));
  uint16_t control_bytes = (uint16_t)(8 + streams + streams * (12 + 9 + 9));
  describe(&all, configuration_type, bytes2(0), (uint8_t)(streams + 1), 1, 0, 0x80, 50);
  describe(&all, interface_type, 0, 0, 0, 1, 1, 0, 0);
  if (streams == 2)
    describe(&all, class_interface, 1, bytes2(0x0100), bytes2(control_bytes), 2, 1, 2);
  else
    describe(&all, class_interface, 1, bytes2(0x0100), bytes2(control_bytes), 1, 1);
  // Terminals and the volume between them (UAC1, 4.3.2).
  if (has_in(device)) {
    describe(&all, class_interface, 2, 1, bytes2(0x0201), 0, 1, bytes2(0), 0, 0);
    describe(&all, class_interface, 6, 2, 1, 1, 3, 0);
    describe(&all, class_interface, 3, 3, bytes2(0x0101), 0, 2, 0);
  }
  if (has_out(device)) {
    describe(&all, class_interface, 2, 4, bytes2(0x0101), 0, 1, bytes2(0), 0, 0);
    describe(&all, class_interface, 6, 5, 4, 1, 3, 0);
    describe(&all, class_interface, 3, 6, bytes2(0x0301), 0, 5, 0);
  }
  uint8_t interface = 1;
  if (has_in(device)) describe_stream(&all, interface++, 3, from_device);
  if (has_out(device)) describe_stream(&all, interface, 4, to_device);
  memcpy(to + 2, (uint8_t[]){bytes2(all.bytes)}, 2);
  return all.bytes;
}

// Mute and volume of the feature units (UAC1, 5.2.2.4).
static int class_request(struct device *device, const uint8_t setup[8], uint8_t *data, uint32_t length) {
  struct sound *sound = device->state;
  int request = setup[1], selector = setup[3], unit = setup[5];
  if ((setup[0] & 0x1f) != 1 || (unit != 2 && unit != 5)) return -EPIPE;
  struct control *control = unit == 2 ? &sound->in.control : &sound->out.control;
  if (selector == 1 && request == 0x01 && length >= 1) return control->mute = data[0], 0;
  if (selector == 1 && request == 0x81) return data[0] = control->mute, 1;
  if (selector != 2) return -EPIPE;
  int16_t value;
  switch (request) {
    case 0x01:
      if (length < 2) return -EPIPE;
      control->volume = (int16_t)(data[0] | data[1] << 8);
      return 0;
    case 0x81: value = control->volume; break;
    case 0x82: value = softest; break;
    case 0x83: value = loudest; break;
    case 0x84: value = volume_step; break;
    default: return -EPIPE;
  }
  memcpy(data, (uint8_t[]){bytes2(value)}, 2);
  return 2;
}

static void set_interface(struct device *device, int interface, int setting) {
  struct sound *sound = device->state;
  struct stream *stream = has_in(device) && interface == 1 ? &sound->in : &sound->out;
  if (setting == 1) stream->next = nanoseconds_now();
}
static void clear_halt(struct device *device, int endpoint) { (void)device, (void)endpoint; }

static double gain(const struct control *control) {
  return control->mute ? 0 : pow(10, control->volume / 256.0 / 20);
}

static int16_t next_sample(struct sound *sound) {
  double value;
  if (sound->film) {
    value = sound->film[sound->film_at++];
    if (sound->film_at == sound->film_count) sound->film_at = 0;
  } else {
    value = sound->amplitude * sin(sound->phase);
    sound->phase += 2 * M_PI * sound->frequency / rate;
    if (sound->phase > 2 * M_PI) sound->phase -= 2 * M_PI;
  }
  return (int16_t)value;
}

// A microphone's packets hold 48 samples, now and then one more or less when its clock is not the bus's.
static void fill(struct sound *sound, struct usbip_transfer *transfer, uint32_t *bytes) {
  double loudness = gain(&sound->in.control);
  *bytes = 0;
  for (uint32_t i = 0; i < transfer->packet_count; i++) {
    struct usbip_packet *packet = &transfer->packets[i];
    sound->samples_owed += rate / 1000.0 * (1 + sound->parts_per_million / 1e6);
    uint32_t samples = (uint32_t)sound->samples_owed;
    if (samples > packet->length / 2) samples = packet->length / 2;
    sound->samples_owed -= samples;
    // Without gaps between packets, as the kernel wants what it reads from the socket.
    for (uint32_t n = 0; n < samples; n++) {
      uint16_t sample = (uint16_t)(int16_t)(next_sample(sound) * loudness);
      memcpy(transfer->data + *bytes + 2 * n, (uint8_t[]){bytes2(sample)}, 2);
    }
    packet->actual_length = samples * 2;
    *bytes += samples * 2;
  }
}

static void play(struct sound *sound, struct usbip_transfer *transfer, uint32_t *bytes) {
  double loudness = gain(&sound->out.control);
  *bytes = 0;
  for (uint32_t i = 0; i < transfer->packet_count; i++) {
    struct usbip_packet *packet = &transfer->packets[i];
    packet->actual_length = packet->length;
    *bytes += packet->length;
    recording_add(&sound->recording, transfer->data + packet->offset, packet->length / 2, loudness);
  }
}

static void transfer(struct device *device, struct usbip_transfer *transfer) {
  struct sound *sound = device->state;
  struct stream *stream = transfer->in ? &sound->in : &sound->out;
  if (!transfer->packet_count) {
    usbip_answer(device->socket, transfer, -EPIPE, 0);
    return;
  }
  // Who asks too late gets a hole in time, as on a bus.
  uint64_t now = nanoseconds_now();
  if (!stream->waiting && stream->next + 50000000u < now) {
    stream->next = now;
    stream->gaps++;
  }
  double pace = transfer->in ? 1 : 1 - sound->parts_per_million / 1e6;
  stream->next += (uint64_t)(transfer->packet_count * 1000000u * pace);
  transfer->due_nanoseconds = stream->next;
  append(&stream->waiting, transfer);
}

static bool drop(struct device *device, uint32_t sequence) {
  struct sound *sound = device->state;
  struct usbip_transfer *found = take_sequence(&sound->in.waiting, sequence);
  if (!found) found = take_sequence(&sound->out.waiting, sequence);
  usbip_free(found);
  return found != NULL;
}

static uint64_t finish_due(struct device *device, struct stream *stream, uint64_t now) {
  struct sound *sound = device->state;
  while (stream->waiting && stream->waiting->due_nanoseconds <= now) {
    struct usbip_transfer *due = stream->waiting;
    uint32_t bytes;
    stream->waiting = due->next;
    stream->packets += due->packet_count;
    (due->in ? fill : play)(sound, due, &bytes);
    usbip_answer(device->socket, due, 0, bytes);
  }
  return stream->waiting ? stream->waiting->due_nanoseconds : 0;
}

static uint64_t tick(struct device *device, uint64_t now) {
  struct sound *sound = device->state;
  if (sound->stalled) return 0;
  uint64_t in = finish_due(device, &sound->in, now), out = finish_due(device, &sound->out, now);
  return !in || (out && out < in) ? out : in;
}

static void reset(struct device *device) {
  struct sound *sound = device->state;
  drop_all(&sound->in.waiting);
  drop_all(&sound->out.waiting);
}

static bool load_film(struct sound *sound, const char *path, char *answer, size_t size) {
  FILE *file = fopen(path, "rb");
  size_t bytes = 0;
  if (file && fseek(file, 0, SEEK_END) == 0) bytes = (size_t)ftell(file);
  int16_t *film = bytes >= 2 ? malloc(bytes) : NULL;
  bool fine = film && fseek(file, 0, SEEK_SET) == 0 && fread(film, 1, bytes, file) == bytes;
  if (file) fclose(file);
  if (!fine) {
    free(film);
    snprintf(answer, size, "error %s: %s", path, file ? "no samples" : strerror(errno));
    return false;
  }
  free(sound->film);
  sound->film = film;
  sound->film_count = bytes / 2;
  sound->film_at = 0;
  return true;
}

static bool command(struct device *device, int count, char **words, char *answer, size_t size) {
  struct sound *sound = device->state;
  const char *argument = count > 1 ? words[1] : "";
  snprintf(answer, size, "ok");
  if (strcmp(words[0], "tone") == 0 && count > 1) {
    free(sound->film);
    sound->film = NULL;
    sound->frequency = atof(argument);
    if (count > 2) sound->amplitude = atof(words[2]);
  } else if (strcmp(words[0], "play") == 0 && count > 1) {
    load_film(sound, argument, answer, size);
  } else if (strcmp(words[0], "record") == 0 && count > 1) {
    if (!recording_to(&sound->recording, strcmp(argument, "off") == 0 ? NULL : argument))
      snprintf(answer, size, "error %s: %s", argument, strerror(errno));
  } else if (strcmp(words[0], "drift") == 0 && count > 1 && abs(atoi(argument)) <= 5000) {
    sound->parts_per_million = atoi(argument);
  } else if (strcmp(words[0], "stall") == 0 && (strcmp(argument, "on") == 0 || strcmp(argument, "off") == 0)) {
    sound->stalled = strcmp(argument, "on") == 0;
  } else {
    return false;
  }
  return true;
}

static void status(struct device *device, char *to, size_t size) {
  struct sound *sound = device->state;
  snprintf(to, size,
           "recorded=%lu played=%lu gaps=%lu recording=%s playing=%s heard-rms=%.0f heard-hz=%.0f mic-volume=%.1f mic-mute=%d "
           "speaker-volume=%.1f speaker-mute=%d drift=%d stall=%s",
           sound->in.packets, sound->out.packets, sound->in.gaps + sound->out.gaps, sound->in.waiting ? "yes" : "no",
           sound->out.waiting ? "yes" : "no", recording_rms(&sound->recording), recording_hertz(&sound->recording),
           sound->in.control.volume / 256.0, sound->in.control.mute, sound->out.control.volume / 256.0, sound->out.control.mute,
           sound->parts_per_million, sound->stalled ? "on" : "off");
}

#define sound_kind(called, product_name)                                                                                         \
  {.name = called, .speed = 2, .node_pattern = "sound/card*/controlC*", .product = product_name,                                 \
   .device_descriptor = device_descriptor, .configuration_descriptor = configuration_descriptor, .class_request = class_request, \
   .set_interface = set_interface, .clear_halt = clear_halt, .transfer = transfer, .unlink = drop, .tick = tick, .reset = reset, \
   .command = command, .status = status}

const struct device_kind microphone_kind = sound_kind("microphone", "Virtual Microphone");
const struct device_kind speaker_kind = sound_kind("speaker", "Virtual Speaker");
const struct device_kind headset_kind = sound_kind("headset", "Virtual Headset");
