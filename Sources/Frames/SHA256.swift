internal import CFFmpeg

/// The SHA-256 digest of `bytes`, as 64 hexadecimal digits.
package func sha256(_ bytes: some Collection<UInt8>) -> String {
  let context = av_sha_alloc()
  defer { av_free(UnsafeMutableRawPointer(context)) }
  av_sha_init(context, 256)
  var digest = [UInt8](repeating: 0, count: 32)
  let bytes = Array(bytes)
  av_sha_update(context, bytes, bytes.count)
  av_sha_final(context, &digest)
  return digest.map { byte in
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }.joined()
}
