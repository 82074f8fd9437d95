internal import CFFmpeg

/// An owned AVDictionary: options on the way into an FFmpeg call, or tags.
package struct TagTable: ~Copyable {
  package var raw: OpaquePointer?

  package init() {}

  package init(_ metadata: Metadata) {
    for (key, value) in metadata { self[key] = value }
  }

  package subscript(key: String) -> String? {
    get { av_dict_get(raw, key, nil, 0).map { String(cString: $0.pointee.value) } }
    set { av_dict_set(&raw, key, newValue, 0) }
  }

  /// What is left, for instance the options that a call did not know.
  package var entries: Metadata { metadata(of: raw) }

  deinit {
    var raw = raw
    av_dict_free(&raw)
  }
}

/// The entries of a dictionary that FFmpeg owns.
package func metadata(of dictionary: OpaquePointer?) -> Metadata {
  var result: Metadata = []
  var entry: UnsafeMutablePointer<AVDictionaryEntry>?
  while let next = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX) {
    result.append((String(cString: next.pointee.key), String(cString: next.pointee.value)))
    entry = next
  }
  return result
}
