/// The two ends of what carries elements from one thread to another.
protocol Handover: Sendable {
  /// For the producer: nothing more will come.
  func finish()
  /// For the consumer: nothing more is wanted, and what waits is dropped.
  func close()
}

/// Hands parcels over.
protocol ParcelQueue: Handover {
  /// False if the consumer wants no more.
  func push(_ parcel: Parcel) -> Bool
  /// Waits for a parcel; nil at the end.
  func pop() -> Parcel?
}

extension BoundedQueue: ParcelQueue where Element == Parcel {}
