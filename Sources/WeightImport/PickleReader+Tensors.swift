internal import Enhancer

extension PickleReader {
  /// What a call of one of the known names gives.
  mutating func reduce() throws(Refusal) {
    guard case .tuple(let index) = try pop(), case .global(let global) = try pop() else {
      throw malformed("calls something that has no name")
    }
    let arguments = heap.tuples[index]
    switch global {
    case .orderedDictionary:
      pushDictionary()
      if let first = arguments.first { try fillDictionary(from: first) }
    case .rebuildTensor: try pushTensor(arguments)
    case .rebuildParameter:
      guard let first = arguments.first, case .tensor = first else { throw malformed("makes a parameter of no tensor") }
      push(first)
    case .size:
      guard let first = arguments.first, case .tuple = first else { throw malformed("makes a size of no tuple") }
      push(first)
    case .storage: throw malformed("calls a type of storage")
    }
  }

  /// Older versions of Python hand over a list of pairs.
  private mutating func fillDictionary(from value: PickleValue) throws(Refusal) {
    guard case .list(let list) = value else { throw malformed("makes a dictionary of no list") }
    try charge(heap.lists[list].count)
    for item in heap.lists[list] {
      let pair = elements(item)
      guard pair?.count == 2, let pair else { throw malformed("makes a dictionary of what are no pairs") }
      try set(pair)
    }
  }

  /// The elements of a tuple or list.
  private func elements(_ value: PickleValue) -> [PickleValue]? {
    switch value {
    case .tuple(let index): heap.tuples[index]
    case .list(let index): heap.lists[index]
    default: nil
    }
  }

  /// A storage from its persistent identifier: `('storage', type, key, location, count)`, in older files with `None` or
  /// a view behind.
  mutating func pushStorage(_ value: PickleValue) throws(Refusal) {
    guard case .tuple(let index) = value else { throw malformed("refers to a storage without a tuple") }
    let id = heap.tuples[index]
    guard (5...6).contains(id.count), id[0] == .text("storage"), case .global(.storage(let type)) = id[1],
      case .text(let key) = id[2], case .int(let count) = id[4], count >= 0
    else { throw malformed("refers to a storage in an unknown way") }
    guard id.count == 5 || id[5] == .none else { throw malformed("refers to a part of a storage") }
    heap.storages.append(Heap.Storage(type: type, key: key, count: count))
    push(.storage(heap.storages.count - 1))
  }

  /// `(storage, offset, size, stride, ...)`.
  private mutating func pushTensor(_ arguments: [PickleValue]) throws(Refusal) {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .int(let offset) = arguments[1],
      let shape = integers(arguments[2]), let stride = integers(arguments[3]), shape.count == stride.count
    else { throw malformed("makes a tensor in an unknown way") }
    heap.tensors.append(Heap.Tensor(storage: storage, offset: offset, shape: shape, stride: stride))
    push(.tensor(heap.tensors.count - 1))
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard let values = elements(value), values.count <= 8 else { return nil }
    var result: [Int] = []
    for value in values {
      guard case .int(let number) = value, number >= 0 else { return nil }
      result.append(number)
    }
    return result
  }

  // MARK: Finding

  /// Where programs that save more than the weights put them.
  private static let customaryKeys = ["state_dict", "model_state_dict", "model", "net", "network", "params", "weights"]

  /// The tensors of the dictionary `root`, or of the one that it holds under a customary name.
  func namedTensors(of root: PickleValue) throws(Refusal) -> [(name: String, tensor: Heap.Tensor)] {
    guard case .dictionary(let index) = root else { throw Refusal("it holds no dictionary of tensors") }
    let direct = tensors(of: index)
    if !direct.isEmpty { return direct }
    for key in Self.customaryKeys {
      let item = heap.dictionaries[index].first { $0.key == .text(key) }
      guard case .dictionary(let inner) = item?.value else { continue }
      let found = tensors(of: inner)
      if !found.isEmpty { return found }
    }
    throw Refusal("it holds no dictionary of tensors")
  }

  private func tensors(of dictionary: Int) -> [(name: String, tensor: Heap.Tensor)] {
    heap.dictionaries[dictionary].compactMap { item in
      guard case .text(let name) = item.key, case .tensor(let index) = item.value else { return nil }
      return (name, heap.tensors[index])
    }
  }
}
