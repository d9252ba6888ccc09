#pragma once

#include <libwebsockets.h>

// What Swift does not import: macros, flag sums, and a timer that knows whose it is.

static inline size_t fieldbox_lws_pre(void) { return LWS_PRE; }

/// A timer of lws's own loop. Must not move while it is scheduled.
struct fieldbox_lws_timer {
  lws_sorted_usec_list_t list;
  void *owner;
};

typedef void (*fieldbox_lws_timer_fired)(lws_sorted_usec_list_t *list);

static inline void *fieldbox_lws_timer_owner(lws_sorted_usec_list_t *list) {
  return lws_container_of(list, struct fieldbox_lws_timer, list)->owner;
}

static inline void fieldbox_lws_timer_set(struct lws_context *context, struct fieldbox_lws_timer *timer,
                                          fieldbox_lws_timer_fired fired, int64_t microseconds) {
  lws_sul_schedule(context, 0, &timer->list, fired, microseconds < 1 ? 1 : (lws_usec_t)microseconds);
}

static inline void fieldbox_lws_timer_cancel(struct fieldbox_lws_timer *timer) { lws_sul_cancel(&timer->list); }

/// A context without virtual hosts, on poll(), that opens no socket of its own.
static inline struct lws_context *fieldbox_lws_create(void *user, unsigned int descriptors,
                                                      unsigned int header_bytes, const char *server_string) {
  struct lws_context_creation_info info;
  memset(&info, 0, sizeof(info));
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                 LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
  info.user = user;
  info.gid = (gid_t)-1;
  info.uid = (uid_t)-1;
  info.fd_limit_per_thread = descriptors;
  // More than a TLS record (16 KiB): libwebsockets 4.3 mixes up a body of HTTP/2 that it reads partly before and partly after it
  // has told of the request. A body that comes in one record, as all of our client's do, is read at once.
  info.pt_serv_buf_size = 20 * 1024;
  info.max_http_header_data2 = header_bytes;
  info.server_string = server_string;
  return lws_create_context(&info);
}

/// A virtual host that is given its connections by adoption. With `tls`, the protocol's callback fills the SSL_CTX.
static inline struct lws_vhost *fieldbox_lws_create_vhost(struct lws_context *context, const char *name,
                                                          const struct lws_protocols *protocols, int tls,
                                                          int timeout_seconds, int keepalive_seconds) {
  struct lws_context_creation_info info;
  memset(&info, 0, sizeof(info));
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.vhost_name = name;
  info.protocols = protocols;
  info.gid = (gid_t)-1;
  info.uid = (uid_t)-1;
  info.timeout_secs = (unsigned int)timeout_seconds;
  info.keepalive_timeout = keepalive_seconds;
  if (tls) {
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    info.alpn = "h2,http/1.1";
    // The settings of HTTP/2 (RFC 9113, section 6.5.2). The table of headers has the protocol's own size, so that no client
    // changes it: after that lws mistakes one header for another.
    static const uint32_t settings[7] = {1, /* table */ 4096, /* push */ 0, /* streams */ 100, /* window */ 0,
                                         /* frame */ 0x4000, /* header list */ 0x7fffffff};
    memcpy(info.http2_settings, settings, sizeof(settings));
  }
  return lws_create_vhost(context, &info);
}

/// Gives a descriptor that is not a connection to the loop; lws closes it in the end.
static inline struct lws *fieldbox_lws_adopt_file(struct lws_vhost *host, int descriptor, const char *protocol) {
  lws_sock_file_fd_type fd;
  memset(&fd, 0, sizeof(fd));
  fd.filefd = descriptor;
  return lws_adopt_descriptor_vhost(host, LWS_ADOPT_RAW_FILE_DESC, fd, protocol, NULL);
}

static inline int fieldbox_lws_write_headers(struct lws *wsi, unsigned char *bytes, size_t count, int ends_stream) {
  int kind = LWS_WRITE_HTTP_HEADERS | (ends_stream ? LWS_WRITE_H2_STREAM_END : 0);
  return lws_write(wsi, bytes, count, (enum lws_write_protocol)kind);
}

static inline int fieldbox_lws_write_body(struct lws *wsi, unsigned char *bytes, size_t count, int ends_stream) {
  return lws_write(wsi, bytes, count, ends_stream ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP);
}

/// Errors only: what a stranger can provoke must not fill the log.
static inline void fieldbox_lws_set_log(void (*line)(int level, const char *text)) {
  lws_set_log_level(LLL_ERR, line);
}
