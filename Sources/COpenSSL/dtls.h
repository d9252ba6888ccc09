#pragma once

// What the DTLS wrapper needs from OpenSSL and Swift cannot see, because it is a macro or variadic.

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/time.h>

/// A new P-256 key, or null.
static inline EVP_PKEY *dtls_p256_key(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"); }

/// What every DTLS context of ours has: version 1.2 alone (RFC 8827 section 6.5), no renegotiation, no session
/// tickets, no path MTU discovery of OpenSSL's own.
static inline int dtls_context_setup(SSL_CTX *context, const char *ciphers, const char *groups) {
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                   SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
  return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, ciphers) == 1 && SSL_CTX_set1_groups_list(context, groups) == 1;
}

static inline void dtls_set_mtu(SSL *ssl, long mtu) { SSL_set_mtu(ssl, mtu); }

/// Microseconds until the retransmission timer fires; -1 while none runs.
static inline int64_t dtls_timeout(SSL *ssl) {
  struct timeval left;
  if (DTLSv1_get_timeout(ssl, &left) != 1) return -1;
  return (int64_t)left.tv_sec * 1000000 + left.tv_usec;
}

static inline int dtls_handle_timeout(SSL *ssl) { return (int)DTLSv1_handle_timeout(ssl); }

static inline void dtls_bio_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void dtls_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

/// The type of a BIO that keeps datagrams apart.
static inline int dtls_bio_type(void) { return BIO_get_new_index() | BIO_TYPE_SOURCE_SINK; }
