extension PictureMetadata {
  /// A TIFF directory with its values and the Exif, GPS and interoperability directories it points at.
  struct TIFFDirectory {
    /// What a directory is for; a pointer is followed only where it belongs, so no chain of them is longer than 3.
    enum Kind {
      case image
      case exif
      case leaf

      func child(at tag: UInt16) -> Kind? {
        switch (self, tag) {
        case (.image, Tag.exif): .exif
        case (.image, Tag.gps), (.exif, Tag.interoperability): .leaf
        default: nil
        }
      }
    }

    let order: ByteOrder
    /// Fields without the pointers to `children`, ascending, each tag once.
    var entries: [TIFFEntry] = []
    var children: [UInt16: TIFFDirectory] = [:]

    init(order: ByteOrder) {
      self.order = order
    }

    /// Reads the first directory of a TIFF structure and what hangs from it; a second page or thumbnail is not read.
    ///
    /// Fields of unknown type or with values outside of the bytes are left out.
    /// - Returns: nil without a TIFF header or a directory.
    init?(readingFrom view: ByteView, _ budget: inout Budget) {
      guard let order = tiffByteOrder(of: view), let offset = view.integer(at: 4, count: 4, order) else { return nil }
      self.init(at: offset, of: view, order, .image, &budget)
    }

    private init?(at offset: Int, of view: ByteView, _ order: ByteOrder, _ kind: Kind, _ budget: inout Budget) {
      guard offset >= 8, let count = view.integer(at: offset, count: 2, order) else { return nil }
      self.init(order: order)
      var seen: Set<UInt16> = []
      for index in 0..<count {
        let place = offset + 2 + 12 * index
        guard view.slice(at: place, count: 12) != nil else { break }
        guard let field = TIFFField(at: place, of: view, order) else { continue }
        if let child = kind.child(at: field.tag) {
          guard children[field.tag] == nil, field.type == .long || field.type == .directory, field.count == 1,
            let target = view.integer(at: field.valueOffset, count: 4, order)
          else { continue }
          children[field.tag] = TIFFDirectory(at: target, of: view, order, child, &budget)
          continue
        }
        // The pixels of a file read may be far larger than what is to be taken from it.
        guard kind != .image || !Tag.isStructural(field.tag), seen.insert(field.tag).inserted,
          let value = budget.copy(view.slice(at: field.valueOffset, count: field.byteCount))
        else { continue }
        entries.append(TIFFEntry(tag: field.tag, type: field.type, count: field.count, value: value))
      }
      entries.sort { $0.tag < $1.tag }
    }

    /// Takes the field `tag` out.
    mutating func remove(_ tag: UInt16) -> TIFFEntry? {
      guard let index = entries.firstIndex(where: { $0.tag == tag }) else { return nil }
      return entries.remove(at: index)
    }

    /// The same values in the other byte order; what is undefined to TIFF, a maker note for one, stays as it is.
    func converted(to order: ByteOrder) -> TIFFDirectory {
      guard order != self.order else { return self }
      var copy = TIFFDirectory(order: order)
      copy.entries = entries.map { $0.swapped() }
      copy.children = children.mapValues { $0.converted(to: order) }
      return copy
    }

    var isEmpty: Bool { entries.isEmpty && children.isEmpty }

    /// Whether a maker note is in it, whose inner offsets break when it moves.
    var hasMakerNote: Bool { children[Tag.exif]?.entries.contains { $0.tag == Tag.makerNote } ?? false }

    /// The most bytes one field holds, over all directories.
    private var largest: Int {
      max(entries.map(\.value.count).max() ?? 0, children.values.map(\.largest).max() ?? 0)
    }

    /// Leaves out the largest field; false if there was none.
    mutating func removeLargest() -> Bool {
      let size = largest
      if let index = entries.firstIndex(where: { $0.value.count == size }) {
        entries.remove(at: index)
        return true
      }
      for tag in children.keys.sorted() where children[tag]?.largest == size {
        if children[tag]?.removeLargest() == true { return true }
      }
      return false
    }
  }

  /// Where the 12 bytes of a directory's field say its values are.
  struct TIFFField {
    let tag: UInt16
    let type: TIFFType
    let count: Int
    let valueOffset: Int

    var byteCount: Int { count * type.size }

    /// - Returns: nil outside of the bytes, or for a type that is not known.
    init?(at offset: Int, of view: ByteView, _ order: ByteOrder) {
      guard let tag = view.integer(at: offset, count: 2, order),
        let type = view.integer(at: offset + 2, count: 2, order).flatMap(TIFFType.init),
        let count = view.integer(at: offset + 4, count: 4, order),
        let pointer = view.integer(at: offset + 8, count: 4, order)
      else { return nil }
      self.tag = UInt16(tag)
      self.type = type
      self.count = count
      valueOffset = count * type.size <= 4 ? offset + 8 : pointer
    }
  }
}
