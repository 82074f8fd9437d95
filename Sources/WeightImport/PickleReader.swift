internal import Enhancer

/// Reads the pickles of files of tensors, and runs nothing: of Python's pickle machine it has the stack, the memo and
/// the containers, and of all callables those that `PickleGlobal` names, as data. Everything else is refused.
///
/// Source: Python's Lib/pickletools.py; torch/serialization.py and torch/_utils.py of PyTorch for the callables.
struct PickleReader {
  /// All containers of a pickle.
  struct Heap {
    /// `torch.FloatStorage` and so on: where elements lie.
    struct Storage {
      var type: ElementType
      /// Its name in the file.
      var key: String
      /// Elements.
      var count: Int
    }

    /// A view on a storage.
    struct Tensor {
      var storage: Int
      var offset: Int
      var shape: [Int]
      var stride: [Int]
    }

    var tuples: [[PickleValue]] = []
    var lists: [[PickleValue]] = []
    var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    var storages: [Storage] = []
    var tensors: [Tensor] = []
  }

  var cursor: ByteCursor
  var heap = Heap()
  var stack: [PickleValue] = []
  /// Heights of the stack at which marks stand.
  var marks: [Int] = []
  var memo: [Int: PickleValue] = [:]
  private var steps = 0

  /// Most operations of one file, and so most values that it can make: a hundred times those of these networks.
  private static let stepLimit = 1 << 18

  /// Reads from where `cursor` stands.
  init(_ cursor: ByteCursor) { self.cursor = cursor }

  /// The value of the next pickle; `cursor` then stands behind it. The heap is shared by all pickles of one reader.
  mutating func read() throws(Refusal) -> PickleValue {
    (stack, marks, memo) = ([], [], [:])
    while true {
      try charge(1)
      let operation = try cursor.byte()
      if operation == UInt8(ascii: ".") { return try pop() }
      try perform(operation)
    }
  }

  /// Counts work that a file asks for: operations, and elements that they copy.
  mutating func charge(_ count: Int) throws(Refusal) {
    steps += count
    guard steps <= Self.stepLimit else { throw Refusal("its pickle has more than \(Self.stepLimit) operations") }
  }

  // MARK: Stack

  mutating func push(_ value: PickleValue) { stack.append(value) }

  mutating func pop() throws(Refusal) -> PickleValue {
    // What stands below a mark belongs to whoever set the mark.
    guard stack.count > (marks.last ?? 0) else { throw malformed("takes a value from an empty stack") }
    return stack.removeLast()
  }

  /// The values above the topmost mark, which goes too.
  mutating func popToMark() throws(Refusal) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw malformed("lacks a mark") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  func malformed(_ what: String) -> Refusal { Refusal("its pickle \(what), at byte \(cursor.position)") }

  // MARK: Making

  mutating func pushTuple(_ values: [PickleValue]) {
    heap.tuples.append(values)
    push(.tuple(heap.tuples.count - 1))
  }

  mutating func pushList() {
    heap.lists.append([])
    push(.list(heap.lists.count - 1))
  }

  mutating func pushDictionary() {
    heap.dictionaries.append([])
    push(.dictionary(heap.dictionaries.count - 1))
  }

  mutating func append(_ values: [PickleValue]) throws(Refusal) {
    guard case .list(let list) = stack.last else { throw malformed("appends to something that is no list") }
    heap.lists[list] += values
  }

  /// Keys and values in turn.
  mutating func set(_ items: [PickleValue]) throws(Refusal) {
    guard case .dictionary(let dictionary) = stack.last, items.count % 2 == 0 else {
      throw malformed("sets items of something that is no dictionary")
    }
    for index in stride(from: 0, to: items.count, by: 2) {
      heap.dictionaries[dictionary].append((items[index], items[index + 1]))
    }
  }
}
