import CWebSockets

/// The one callback of lws. A negative answer ends the connection or stream.
func webServerCallback(
  _ wsi: OpaquePointer?, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
  _ input: UnsafeMutableRawPointer?, _ length: Int
) -> Int32 {
  guard let wsi, let context = lws_get_context(wsi), let owner = lws_context_user(context) else { return 0 }
  let server = Unmanaged<WebServer>.fromOpaque(owner).takeUnretainedValue()
  switch reason {
  case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
    guard let user else { return 0 }
    return server.configureTLS(OpaquePointer(user)) ? 0 : -1
  case LWS_CALLBACK_WSI_CREATE: server.created(wsi)
  case LWS_CALLBACK_WSI_DESTROY, LWS_CALLBACK_CLOSED_HTTP:
    server.destroyed(wsi, forGood: reason == LWS_CALLBACK_WSI_DESTROY)
  case LWS_CALLBACK_RAW_RX_FILE: server.becameReadable(wsi)
  case LWS_CALLBACK_HTTP:
    let path = UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : length)
    return server.requestBegan(wsi, path: String(decoding: path, as: UTF8.self))
  case LWS_CALLBACK_HTTP_BODY:
    return server.bodyArrived(wsi, UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : length))
  case LWS_CALLBACK_HTTP_BODY_COMPLETION: return server.bodyCompleted(wsi)
  case LWS_CALLBACK_HTTP_WRITEABLE: return server.write(wsi)
  // No WebSockets, no upgrade to unencrypted HTTP/2, no tunnels.
  case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE, LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION, LWS_CALLBACK_ESTABLISHED,
    LWS_CALLBACK_RAW_ADOPT, LWS_CALLBACK_RAW_RX:
    return -1
  default: break
  }
  return 0
}
