#define _GNU_SOURCE
#include "CLinux.h"
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

// Room for either kind of packet information.
union control {
  char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
  struct cmsghdr align;
};

static void get_halves(const struct in6_addr *address, uint64_t *high, uint64_t *low) {
  uint64_t halves[2];
  memcpy(halves, address, 16);
  *high = be64toh(halves[0]);
  *low = be64toh(halves[1]);
}

static void put_halves(struct in6_addr *address, uint64_t high, uint64_t low) {
  uint64_t halves[2] = {htobe64(high), htobe64(low)};
  memcpy(address, halves, 16);
}

static uint64_t mapped(struct in_addr address) { return 0xffff00000000ull | ntohl(address.s_addr); }

static int is_link_local(uint64_t high) { return (high >> 54) == (0xfe80ull >> 6); }

int fb_udp_receive(int fd, void *memory, size_t slot_bytes, struct fb_datagram *datagrams, int count) {
  struct mmsghdr headers[FB_BATCH];
  struct iovec vectors[FB_BATCH];
  struct sockaddr_in6 names[FB_BATCH];
  union control controls[FB_BATCH];
  if (count > FB_BATCH) count = FB_BATCH;
  for (int i = 0; i < count; i++) {
    vectors[i] = (struct iovec){(char *)memory + (size_t)i * slot_bytes, slot_bytes};
    headers[i].msg_hdr = (struct msghdr){
        .msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &vectors[i], .msg_iovlen = 1,
        .msg_control = &controls[i], .msg_controllen = sizeof controls[i]};
  }
  int received;
  do {
    received = recvmmsg(fd, headers, (unsigned)count, MSG_DONTWAIT, NULL);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  for (int i = 0; i < received; i++) {
    struct fb_datagram *datagram = &datagrams[i];
    struct msghdr *header = &headers[i].msg_hdr;
    memset(datagram, 0, sizeof *datagram);
    datagram->bytes = vectors[i].iov_base;
    datagram->length = header->msg_flags & MSG_TRUNC ? 0 : headers[i].msg_len;
    if (names[i].sin6_family == AF_INET6) {
      get_halves(&names[i].sin6_addr, &datagram->remote_high, &datagram->remote_low);
      datagram->remote_port = ntohs(names[i].sin6_port);
      datagram->remote_scope = is_link_local(datagram->remote_high) ? names[i].sin6_scope_id : 0;
    } else {
      struct sockaddr_in name;
      memcpy(&name, &names[i], sizeof name);
      datagram->remote_low = mapped(name.sin_addr);
      datagram->remote_port = ntohs(name.sin_port);
    }
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
      if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        get_halves(&info.ipi6_addr, &datagram->local_high, &datagram->local_low);
        if (is_link_local(datagram->local_high)) datagram->local_scope = info.ipi6_ifindex;
      } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        datagram->local_high = 0;
        datagram->local_low = mapped(info.ipi_addr);
      }
    }
  }
  return received;
}

int fb_udp_send(int fd, int ipv4, const struct fb_datagram *datagrams, int count) {
  struct mmsghdr headers[FB_BATCH];
  struct iovec vectors[FB_BATCH];
  struct sockaddr_in6 names[FB_BATCH];
  union control controls[FB_BATCH];
  if (count > FB_BATCH) count = FB_BATCH;
  for (int i = 0; i < count; i++) {
    const struct fb_datagram *datagram = &datagrams[i];
    struct msghdr *header = &headers[i].msg_hdr;
    vectors[i] = (struct iovec){datagram->bytes, datagram->length};
    *header = (struct msghdr){.msg_name = &names[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
    int from = datagram->local_high != 0 || (datagram->local_low & 0xffffffffull) != 0;
    if (from) {
      header->msg_control = &controls[i];
      header->msg_controllen = ipv4 ? CMSG_SPACE(sizeof(struct in_pktinfo)) : CMSG_SPACE(sizeof(struct in6_pktinfo));
      memset(&controls[i], 0, sizeof controls[i]);
    }
    if (ipv4) {
      struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(datagram->remote_port)};
      name.sin_addr.s_addr = htonl((uint32_t)datagram->remote_low);
      memcpy(&names[i], &name, sizeof name);
      header->msg_namelen = sizeof name;
      if (from) {
        struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl((uint32_t)datagram->local_low)};
        struct cmsghdr *c = CMSG_FIRSTHDR(header);
        c->cmsg_level = IPPROTO_IP;
        c->cmsg_type = IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(c), &info, sizeof info);
      }
    } else {
      names[i] = (struct sockaddr_in6){
          .sin6_family = AF_INET6, .sin6_port = htons(datagram->remote_port), .sin6_scope_id = datagram->remote_scope};
      put_halves(&names[i].sin6_addr, datagram->remote_high, datagram->remote_low);
      header->msg_namelen = sizeof names[i];
      if (from) {
        struct in6_pktinfo info = {.ipi6_ifindex = datagram->local_scope};
        put_halves(&info.ipi6_addr, datagram->local_high, datagram->local_low);
        struct cmsghdr *c = CMSG_FIRSTHDR(header);
        c->cmsg_level = IPPROTO_IPV6;
        c->cmsg_type = IPV6_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(c), &info, sizeof info);
      }
    }
  }
  int sent;
  do {
    sent = sendmmsg(fd, headers, (unsigned)count, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}
