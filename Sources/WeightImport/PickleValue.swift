/// What a pickle's stack holds. Containers are indices into `PickleReader.Heap`, so that values neither nest nor form
/// cycles, however a file is made.
enum PickleValue: Hashable {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case text(String)
  /// Bytes and numbers beyond 64 bits, whose values nothing here needs.
  case opaque
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)
}

/// The names that a pickle may mention: all that files of tensors need, and none that does anything.
enum PickleGlobal: Hashable {
  /// `collections.OrderedDict`.
  case orderedDictionary
  /// `torch._utils._rebuild_tensor` and `_rebuild_tensor_v2`.
  case rebuildTensor
  /// `torch._utils._rebuild_parameter`.
  case rebuildParameter
  /// `torch.Size`, a tuple.
  case size
  /// `torch.FloatStorage` and its kin.
  case storage(ElementType)

  /// Nil for any other name.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", "Size"): self = .size
    case ("torch", "FloatStorage"): self = .storage(.float32)
    case ("torch", "HalfStorage"): self = .storage(.float16)
    case ("torch", "BFloat16Storage"): self = .storage(.bfloat16)
    case ("torch", "DoubleStorage"): self = .storage(.float64)
    case ("torch", "LongStorage"), ("torch", "IntStorage"), ("torch", "ShortStorage"), ("torch", "CharStorage"),
      ("torch", "ByteStorage"), ("torch", "BoolStorage"):
      self = .storage(.other(name))
    default: return nil
    }
  }
}
