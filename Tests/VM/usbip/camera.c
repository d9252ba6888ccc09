#include "camera.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "descriptors.h"
#include "strip.h"

enum {
  payload_bytes = 32 * 512,  // what uvcvideo asks for at a time: 32 packets
  header_bytes = 2,
  probe_bytes = 26,
  fastest = 333333,  // in 100 ns, as all of UVC's intervals
  slowest = 666666,
};

struct camera {
  const struct picture_list *lists;
  struct usbip_transfer *waiting;
  // What was negotiated, and when the next picture is due.
  const struct picture_list *list;
  uint32_t interval;
  uint64_t next;
  // The picture under way.
  uint8_t *picture;
  size_t picture_bytes, sent;
  bool frame_id;
  // Faults.
  bool stalled, erring;
  int cut_percent;    // of each picture's bytes that are sent; 100: all
  int forced_fps;     // 0: as negotiated
  unsigned long frames, late;
  size_t number;
};

void *camera_state(const struct picture_list *lists) {
  struct camera *camera = calloc(1, sizeof *camera);
  size_t longest = 0;
  for (const struct picture_list *list = lists; list; list = list->next)
    if (list->longest > longest) longest = list->longest;
  if (!camera || !(camera->picture = malloc(longest + strip_most_bytes))) return NULL;
  camera->lists = camera->list = lists;
  camera->interval = fastest;
  camera->cut_percent = 100;
  return camera;
}

static size_t device_descriptor(struct device *device, uint8_t *to) {
  (void)device;
  struct descriptors all = {to, 0};
  describe(&all, device_type, bytes2(0x0200), 0xef, 2, 1, 64, bytes2(0x1d6b), bytes2(0x0102), bytes2(0x0100), 1, 2, 3, 1);
  return all.bytes;
}

static size_t configuration_descriptor(struct device *device, uint8_t *to) {
  struct camera *camera = device->state;
  struct descriptors all = {to, 0};
  describe(&all, configuration_type, bytes2(0), 2, 1, 0, 0x80, 250);
  describe(&all, interface_association, 0, 2, 0x0e, 3, 0, 0);
  // Control (UVC 1.0, 3.7): a camera that leads to a stream.
  describe(&all, interface_type, 0, 0, 0, 0x0e, 1, 0, 0);
  describe(&all, class_interface, 1, bytes2(0x0100), bytes2(13 + 17 + 9), bytes4(48000000), 1, 1);
  describe(&all, class_interface, 2, 1, bytes2(0x0201), 0, 0, bytes2(0), bytes2(0), bytes2(0), 2, bytes2(0));
  describe(&all, class_interface, 3, 2, bytes2(0x0101), 0, 1, 0);
  // Streaming (3.9): one setting with a bulk endpoint.
  describe(&all, interface_type, 1, 0, 1, 0x0e, 2, 0, 0);
  uint8_t count = 0;
  for (const struct picture_list *list = camera->lists; list; list = list->next) count++;
  size_t input_header = all.bytes;
  describe(&all, class_interface, 1, 1, bytes2(0), 0x81, 0, 2, 0, 0, 0, 1, 0);
  describe(&all, class_interface, 6, 1, count, 1, 1, 0, 0, 0, 0);
  uint8_t index = 1;
  for (const struct picture_list *list = camera->lists; list; list = list->next) {
    uint32_t bits = (uint32_t)(list->longest * 8 * 15);
    describe(&all, class_interface, 7, index++, 0, bytes2(list->width), bytes2(list->height), bytes4(bits), bytes4(bits * 2),
             bytes4((uint32_t)list->longest + strip_most_bytes), bytes4(fastest), 2, bytes4(fastest), bytes4(slowest));
  }
  describe(&all, class_interface, 0x0d, 1, 1, 4);  // colours: BT.709, BT.709, SMPTE 170M
  uint16_t streaming_bytes = (uint16_t)(all.bytes - input_header);
  memcpy(to + input_header + 4, (uint8_t[]){bytes2(streaming_bytes)}, 2);
  describe(&all, endpoint_type, 0x81, 2, bytes2(512), 0);
  memcpy(to + 2, (uint8_t[]){bytes2(all.bytes)}, 2);
  return all.bytes;
}

static const struct picture_list *list_at(struct camera *camera, int index) {
  const struct picture_list *list = camera->lists;
  while (--index > 0 && list->next) list = list->next;
  return list;
}

// Video probe and commit (UVC 1.0, 4.3.1.1).
static size_t write_probe(struct camera *camera, uint8_t *to) {
  uint8_t index = 1;
  for (const struct picture_list *list = camera->lists; list != camera->list; list = list->next) index++;
  const uint8_t probe[probe_bytes] = {bytes2(1), 1, index, bytes4(camera->interval), bytes2(0), bytes2(0), bytes2(0), bytes2(0),
                                      bytes2(0), bytes4((uint32_t)camera->list->longest + strip_most_bytes), bytes4(payload_bytes)};
  memcpy(to, probe, probe_bytes);
  return probe_bytes;
}

static void begin_stream(struct camera *camera) {
  camera->next = nanoseconds_now();
  camera->picture_bytes = camera->sent = 0;
}

static int class_request(struct device *device, const uint8_t setup[8], uint8_t *data, uint32_t length) {
  struct camera *camera = device->state;
  int selector = setup[3], interface = setup[4], entity = setup[5];
  bool probing = interface == 1 && entity == 0 && (selector == 1 || selector == 2);
  if (!probing) return -EPIPE;
  switch (setup[1]) {
    case 0x01:  // SET_CUR
      if (length < 8) return -EPIPE;
      camera->list = list_at(camera, data[3]);
      camera->interval = (uint32_t)data[4] | (uint32_t)data[5] << 8 | (uint32_t)data[6] << 16 | (uint32_t)data[7] << 24;
      camera->interval = camera->interval > (fastest + slowest) / 2 ? slowest : fastest;
      if (selector == 2) begin_stream(camera);
      return 0;
    case 0x81: case 0x82: case 0x83: case 0x87: return (int)write_probe(camera, data);  // GET_CUR, MIN, MAX, DEF
    case 0x85: return memcpy(data, (uint8_t[]){bytes2(probe_bytes)}, 2), 2;  // GET_LEN
    case 0x86: return data[0] = 3, 1;  // GET_INFO: get and set
    default: return -EPIPE;
  }
}

static void set_interface(struct device *device, int interface, int setting) { (void)device, (void)interface, (void)setting; }

// How uvcvideo ends a bulk stream.
static void clear_halt(struct device *device, int endpoint) {
  if (endpoint == 0x81) begin_stream(device->state);
}

static void take_picture(struct camera *camera) {
  const struct picture *picture = &camera->list->pictures[camera->number++ % camera->list->count];
  size_t bytes = picture->strip ? picture->strip : picture->count;
  memcpy(camera->picture, picture->bytes, bytes);
  if (picture->strip) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    bytes += strip_code(camera->list->width, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000, camera->picture + bytes);
    camera->picture[bytes++] = 0xff;
    camera->picture[bytes++] = 0xd9;
  }
  camera->picture_bytes = bytes * (size_t)camera->cut_percent / 100;
  camera->sent = 0;
  camera->frame_id = !camera->frame_id;
  camera->frames++;
}

// Payload headers of two bytes (UVC 1.0, 2.4.3.3): frame id, end of frame, error, end of header.
static void send_waiting(struct device *device) {
  struct camera *camera = device->state;
  while (camera->waiting && camera->sent < camera->picture_bytes) {
    struct usbip_transfer *transfer = camera->waiting;
    if (transfer->length <= header_bytes) {
      camera->waiting = transfer->next;
      usbip_answer(device->socket, transfer, 0, 0);
      continue;
    }
    size_t room = transfer->length < payload_bytes ? transfer->length : payload_bytes;
    size_t bytes = camera->picture_bytes - camera->sent;
    if (bytes > room - header_bytes) bytes = room - header_bytes;
    bool last = camera->sent + bytes == camera->picture_bytes;
    transfer->data[0] = header_bytes;
    transfer->data[1] = (uint8_t)(0x80 | (camera->erring ? 0x40 : 0) | (last ? 2 : 0) | (camera->frame_id ? 1 : 0));
    memcpy(transfer->data + header_bytes, camera->picture + camera->sent, bytes);
    camera->sent += bytes;
    camera->waiting = transfer->next;
    usbip_answer(device->socket, transfer, 0, (uint32_t)(bytes + header_bytes));
  }
}

static void transfer(struct device *device, struct usbip_transfer *transfer) {
  struct camera *camera = device->state;
  append(&camera->waiting, transfer);
  send_waiting(device);
}

static bool drop(struct device *device, uint32_t sequence) {
  struct camera *camera = device->state;
  struct usbip_transfer *found = take_sequence(&camera->waiting, sequence);
  usbip_free(found);
  return found != NULL;
}

static uint64_t tick(struct device *device, uint64_t now) {
  struct camera *camera = device->state;
  // Nobody asks for pictures: sleep until a transfer comes.
  if (!camera->waiting || camera->stalled) return 0;
  if (now < camera->next) return camera->next;
  uint64_t interval = camera->forced_fps ? 1000000000u / (uint64_t)camera->forced_fps : camera->interval * 100ull;
  camera->next += interval;
  if (camera->next + 3 * interval < now) camera->next = now + interval;
  if (camera->sent < camera->picture_bytes) {
    camera->late++;
  } else {
    take_picture(camera);
  }
  send_waiting(device);
  return camera->next;
}

static void reset(struct device *device) {
  struct camera *camera = device->state;
  drop_all(&camera->waiting);
  camera->picture_bytes = camera->sent = 0;
}

static bool command(struct device *device, int count, char **words, char *answer, size_t size) {
  struct camera *camera = device->state;
  int value = count > 1 ? atoi(words[1]) : -1;
  bool off = count > 1 && strcmp(words[1], "off") == 0, on = count > 1 && strcmp(words[1], "on") == 0;
  if (strcmp(words[0], "stall") == 0 && (on || off)) {
    camera->stalled = on;
    camera->next = nanoseconds_now();
  } else if (strcmp(words[0], "error") == 0 && (on || off)) {
    camera->erring = on;
  } else if (strcmp(words[0], "cut") == 0 && (off || (value >= 1 && value <= 99))) {
    camera->cut_percent = off ? 100 : value;
  } else if (strcmp(words[0], "fps") == 0 && (off || (value >= 1 && value <= 60))) {
    camera->forced_fps = off ? 0 : value;
  } else {
    return false;
  }
  snprintf(answer, size, "ok");
  return true;
}

static void status(struct device *device, char *to, size_t size) {
  struct camera *camera = device->state;
  snprintf(to, size, "width=%d height=%d fps=%d frames=%lu late=%lu waiting=%s stall=%s error=%s cut=%d", camera->list->width,
           camera->list->height, camera->forced_fps ? camera->forced_fps : (int)(10000000 / camera->interval), camera->frames,
           camera->late, camera->waiting ? "yes" : "no", camera->stalled ? "on" : "off", camera->erring ? "on" : "off",
           camera->cut_percent);
}

const struct device_kind camera_kind = {
    .name = "camera",
    .speed = 3,
    .node_pattern = "video4linux/video*",
    .product = "Virtual Camera",
    .device_descriptor = device_descriptor,
    .configuration_descriptor = configuration_descriptor,
    .class_request = class_request,
    .set_interface = set_interface,
    .clear_halt = clear_halt,
    .transfer = transfer,
    .unlink = drop,
    .tick = tick,
    .reset = reset,
    .command = command,
    .status = status,
};
