extension PictureMetadata {
  /// Changes the first directory of a TIFF structure by appending: a TIFF file, an Exif block, or a new one.
  ///
  /// What was there stays at its offset, so pixels, thumbnails and maker notes remain valid. The old directory
  /// stays in the file as some hundred bytes that nothing points at.
  struct TIFFWriter {
    private(set) var bytes: [UInt8]
    let order: ByteOrder
    /// The 12 bytes of each field by tag; of a tag used twice the first.
    private var fields: [UInt16: [UInt8]] = [:]
    /// Offset of the second directory, 0 for none.
    private var next = 0

    /// Begins a new structure with an empty directory.
    init(order: ByteOrder) {
      self.order = order
      bytes = ascii(order == .little ? "II" : "MM") + encode(42, count: 2, order) + [0, 0, 0, 0]
    }

    /// - Returns: nil without a TIFF header and a first directory.
    init?(editing bytes: [UInt8]) {
      let view = ByteView(bytes)
      guard let order = tiffByteOrder(of: view), let offset = view.integer(at: 4, count: 4, order), offset >= 8,
        let count = view.integer(at: offset, count: 2, order)
      else { return nil }
      self.bytes = bytes
      self.order = order
      for index in 0..<count {
        let place = offset + 2 + 12 * index
        guard let field = view.slice(at: place, count: 12) else { break }
        guard let tag = view.integer(at: place, count: 2, order).map({ UInt16($0) }), fields[tag] == nil else {
          continue
        }
        fields[tag] = Array(field)
      }
      next = view.integer(at: offset + 2 + 12 * count, count: 4, order) ?? 0
    }

    func contains(_ tag: UInt16) -> Bool { fields[tag] != nil }

    /// The bytes of a field's values, nil if it is absent or malformed.
    func value(of tag: UInt16) -> (type: TIFFType, bytes: ArraySlice<UInt8>)? {
      guard let raw = fields[tag], let field = TIFFField(at: 0, of: ByteView(raw), order) else { return nil }
      let holder = field.byteCount <= 4 ? ByteView(raw) : ByteView(bytes)
      return holder.slice(at: field.valueOffset, count: field.byteCount).map { (field.type, $0) }
    }

    /// The first value of a field of whole numbers.
    func integer(of tag: UInt16) -> Int? {
      guard let (type, value) = value(of: tag), [.byte, .short, .long].contains(type) else { return nil }
      return ByteView(Array(value.prefix(type.size))).integer(at: 0, count: type.size, order)
    }

    /// The first value of a RATIONAL field.
    func rational(of tag: UInt16) -> Double? {
      guard let (type, value) = value(of: tag), type == .rational else { return nil }
      let view = ByteView(Array(value.prefix(8)))
      guard let numerator = view.integer(at: 0, count: 4, order),
        let denominator = view.integer(at: 4, count: 4, order), denominator > 0
      else { return nil }
      return Double(numerator) / Double(denominator)
    }

    /// The text of an ASCII field up to its NUL.
    func text(of tag: UInt16) -> String? {
      guard let (type, value) = value(of: tag), type == .ascii || type == .utf8 else { return nil }
      return PictureMetadata.text(value.prefix { $0 != 0 })
    }

    /// Puts a field in, in place of one with its tag. The values are in this writer's byte order.
    mutating func set(_ entry: TIFFEntry) {
      fields[entry.tag] = field(for: entry)
    }

    /// Takes a field out; its values stay in the file, out of reach.
    mutating func remove(_ tag: UInt16) {
      fields[tag] = nil
    }

    /// Adds all of `directory` at the end and puts it in place of the fields of the same tags.
    mutating func merge(_ directory: TIFFDirectory) {
      let directory = directory.converted(to: order)
      for entry in directory.entries { set(entry) }
      for (tag, child) in directory.children.sorted(by: { $0.key < $1.key }) where !child.isEmpty {
        set(TIFFEntry(tag: tag, type: .long, count: 1, value: encode(append(child), count: 4, order)))
      }
    }

    /// Writes the directory at the end and points the header at it.
    /// - Returns: the whole structure; nil if an offset does not fit 32 bits or there are more than 65535 fields.
    consuming func finish() -> [UInt8]? {
      let offset = appendDirectory(Array(fields.values), next: next)
      guard offset <= Int(UInt32.max), fields.count <= 0xFFFF else { return nil }
      bytes.replaceSubrange(4..<8, with: encode(offset, count: 4, order))
      // Every offset handed out lies before the end.
      return bytes.count <= Int(UInt32.max) ? bytes : nil
    }

    private mutating func append(_ directory: TIFFDirectory) -> Int {
      var raw = directory.entries.map { field(for: $0) }
      for (tag, child) in directory.children.sorted(by: { $0.key < $1.key }) {
        raw.append(
          field(for: TIFFEntry(tag: tag, type: .long, count: 1, value: encode(append(child), count: 4, order))))
      }
      return appendDirectory(raw, next: 0)
    }

    private mutating func appendDirectory(_ raw: [[UInt8]], next: Int) -> Int {
      pad()
      let offset = bytes.count
      let tagged = raw.map { (ByteView($0).integer(at: 0, count: 2, order) ?? 0, $0) }.sorted { $0.0 < $1.0 }
      bytes += encode(tagged.count, count: 2, order)
      for (_, field) in tagged { bytes += field }
      bytes += encode(next, count: 4, order)
      return offset
    }

    private mutating func field(for entry: TIFFEntry) -> [UInt8] {
      let head =
        encode(Int(entry.tag), count: 2, order) + encode(entry.type.rawValue, count: 2, order)
        + encode(entry.count, count: 4, order)
      if entry.value.count <= 4 {
        return head + entry.value + [UInt8](repeating: 0, count: 4 - entry.value.count)
      }
      pad()
      let offset = bytes.count
      bytes += entry.value
      return head + encode(offset, count: 4, order)
    }

    private mutating func pad() {
      if bytes.count % 2 == 1 { bytes.append(0) }
    }
  }
}
