// The messages of USB/IP that vhci-hcd and an emulated device exchange (Documentation/usb/usbip_protocol.rst), in host byte order.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum usbip_command { usbip_submit = 1, usbip_unlink = 2, usbip_submitted = 3, usbip_unlinked = 4 };

struct usbip_packet {  // one packet of an isochronous transfer
  uint32_t offset, length, actual_length, status;
};

// A transfer that the host asked for and that has not been answered: an URB.
struct usbip_transfer {
  struct usbip_transfer *next;
  uint32_t sequence;
  bool in;            // from the device to the host
  uint8_t endpoint;   // without the direction
  uint8_t setup[8];   // of control transfers
  uint32_t length;    // bytes asked for, or sent along
  uint8_t *data;      // `length` bytes
  uint32_t packet_count;
  struct usbip_packet *packets;
  uint64_t due_nanoseconds;  // when an isochronous transfer is over
};

struct usbip_request {
  enum usbip_command command;
  uint32_t sequence;              // of an unlink itself
  uint32_t unlinked;              // the sequence of the transfer to be dropped
  struct usbip_transfer *transfer;  // of a submit; the receiver owns it
};

// Waits for the next whole message. False when the other end is gone or speaks nonsense.
bool usbip_receive(int socket, struct usbip_request *request);

// Answers and frees a transfer. `status` is 0 or a negative errno; `actual_length` bytes of data went either way.
bool usbip_answer(int socket, struct usbip_transfer *transfer, int status, uint32_t actual_length);
bool usbip_answer_unlink(int socket, uint32_t sequence, int status);
void usbip_free(struct usbip_transfer *transfer);
