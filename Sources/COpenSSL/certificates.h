#pragma once

// What the certificate authority and the TLS server need from OpenSSL and Swift cannot see: macros.

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/// A new P-256 key, or null.
static inline EVP_PKEY *cert_p256_key(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"); }

/// Adds an extension in OpenSSL's configuration form. `authority` is null for a self-signed certificate.
static inline int cert_add_extension(X509 *certificate, X509 *authority, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, authority ? authority : certificate, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  if (!extension) return 0;
  int ok = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return ok;
}

static inline long cert_memory(BIO *memory, char **bytes) { return BIO_get_mem_data(memory, bytes); }

/// TLS 1.2 and later, the key shares that browsers offer first, and no buffers for idle connections.
static inline int cert_setup_server(SSL_CTX *context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // Clients resume by tickets, which they keep themselves.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1 &&
         SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

static inline int cert_use_key(SSL_CTX *context, const char *path) {
  return SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM);
}

/// How many names a certificate's SAN has; 0 without one.
static inline int cert_count_names(X509 *certificate) {
  GENERAL_NAMES *names = (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  if (!names) return 0;
  int count = sk_GENERAL_NAME_num(names);
  GENERAL_NAMES_free(names);
  return count;
}
