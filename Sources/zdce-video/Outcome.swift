/// The exit code of a run over several inputs: a failure outweighs damage, and an interruption ends everything.
struct Outcome {
  enum Result: Int { case done, damaged, failed, interrupted }

  private var worst = Result.done

  mutating func note(_ result: Result) {
    if result.rawValue > worst.rawValue { worst = result }
  }

  var exitCode: Int32 {
    switch worst {
    case .done: 0
    case .damaged: 3
    case .failed: 1
    case .interrupted: 130
    }
  }
}
