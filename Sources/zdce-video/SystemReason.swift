internal import Foundation

/// What the operating system says of an error, as a phrase: "no such file or directory".
func systemReason(_ code: Int32) -> String {
  let text = String(cString: strerror(code))
  return text.prefix(1).lowercased() + text.dropFirst()
}

/// The same of what Foundation throws; nil where the operating system has not said no.
func systemReason(_ error: any Error) -> String? {
  ((error as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError).map { systemReason($0.code.rawValue) }
}
