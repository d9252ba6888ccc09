#include "usbip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { header_bytes = 48, most_bytes = 1 << 20, most_packets = 1024 };

static bool read_all(int socket, void *to, size_t count) {
  uint8_t *at = to;
  while (count > 0) {
    ssize_t got = recv(socket, at, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    count -= (size_t)got;
  }
  return true;
}

static bool write_all(int socket, struct iovec *parts, int count) {
  while (count > 0) {
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
    ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    size_t rest = (size_t)sent;
    while (count > 0 && rest >= parts->iov_len) {
      rest -= parts->iov_len;
      parts++;
      count--;
    }
    if (count > 0) {
      parts->iov_base = (uint8_t *)parts->iov_base + rest;
      parts->iov_len -= rest;
    }
  }
  return true;
}

void usbip_free(struct usbip_transfer *transfer) {
  if (!transfer) return;
  free(transfer->data);
  free(transfer->packets);
  free(transfer);
}

static bool receive_packets(int socket, struct usbip_transfer *transfer) {
  size_t bytes = transfer->packet_count * sizeof(struct usbip_packet);
  transfer->packets = malloc(bytes);
  if (!transfer->packets || !read_all(socket, transfer->packets, bytes)) return false;
  for (uint32_t i = 0; i < transfer->packet_count; i++) {
    struct usbip_packet *packet = &transfer->packets[i];
    packet->offset = ntohl(packet->offset);
    packet->length = ntohl(packet->length);
    packet->actual_length = 0;
    packet->status = 0;
    if (packet->offset > transfer->length || packet->length > transfer->length - packet->offset) return false;
  }
  return true;
}

bool usbip_receive(int socket, struct usbip_request *request) {
  uint32_t header[header_bytes / 4];
  *request = (struct usbip_request){0};
  if (!read_all(socket, header, sizeof header)) return false;
  request->command = ntohl(header[0]);
  request->sequence = ntohl(header[1]);
  if (request->command == usbip_unlink) {
    request->unlinked = ntohl(header[5]);
    return true;
  }
  if (request->command != usbip_submit) return false;

  struct usbip_transfer *transfer = calloc(1, sizeof *transfer);
  if (!transfer) return false;
  transfer->sequence = request->sequence;
  transfer->in = ntohl(header[3]) != 0;
  transfer->endpoint = (uint8_t)ntohl(header[4]);
  transfer->length = ntohl(header[6]);
  uint32_t packets = ntohl(header[8]);
  transfer->packet_count = packets == UINT32_MAX ? 0 : packets;  // both mean: not isochronous
  memcpy(transfer->setup, &header[10], 8);
  bool fine = transfer->length <= most_bytes && transfer->packet_count <= most_packets;
  if (fine) fine = (transfer->data = calloc(1, transfer->length + 1)) != NULL;
  if (fine && !transfer->in) fine = read_all(socket, transfer->data, transfer->length);
  if (fine && transfer->packet_count) fine = receive_packets(socket, transfer);
  if (!fine) {
    usbip_free(transfer);
    return false;
  }
  request->transfer = transfer;
  return true;
}

bool usbip_answer(int socket, struct usbip_transfer *transfer, int status, uint32_t actual_length) {
  uint32_t header[header_bytes / 4] = {0};
  header[0] = htonl(usbip_submitted);
  header[1] = htonl(transfer->sequence);
  header[5] = htonl((uint32_t)status);
  header[6] = htonl(actual_length);
  header[8] = htonl(transfer->packet_count);
  for (uint32_t i = 0; i < transfer->packet_count; i++) {
    struct usbip_packet *packet = &transfer->packets[i];
    packet->offset = htonl(packet->offset);
    packet->length = htonl(packet->length);
    packet->actual_length = htonl(packet->actual_length);
    packet->status = htonl(packet->status);
  }
  struct iovec parts[3] = {{header, sizeof header}};
  int count = 1;
  if (transfer->in && actual_length) parts[count++] = (struct iovec){transfer->data, actual_length};
  if (transfer->packet_count)
    parts[count++] = (struct iovec){transfer->packets, transfer->packet_count * sizeof(struct usbip_packet)};
  bool sent = write_all(socket, parts, count);
  usbip_free(transfer);
  return sent;
}

bool usbip_answer_unlink(int socket, uint32_t sequence, int status) {
  uint32_t header[header_bytes / 4] = {0};
  header[0] = htonl(usbip_unlinked);
  header[1] = htonl(sequence);
  header[5] = htonl((uint32_t)status);
  struct iovec part = {header, sizeof header};
  return write_all(socket, &part, 1);
}
