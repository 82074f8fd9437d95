import AllocationCounter
import Enhancer
import Foundation
import Pipeline

// Enhances a clip and prints how many bytes the program's own code asked for over 500 frames in the middle, how often,
// and of how many frames the curves were estimated.
//
//     AllocationProbe INPUT OUTPUT LOOK REUSE

let arguments = CommandLine.arguments
guard arguments.count == 5, let look = Look(rawValue: arguments[3]), let reuse = ReuseMode(rawValue: arguments[4])
else {
  FileHandle.standardError.write(Data("usage: AllocationProbe INPUT OUTPUT LOOK REUSE\n".utf8))
  exit(64)
}
guard allocation_count_works() != 0 else {
  print("null")
  exit(0)
}
var job = Job(input: arguments[1], output: arguments[2])
job.enhancement.look = look
job.enhancement.reuse = reuse
job.streamOut.preset = "ultrafast"
job.streamOut.overwrite = true
var count = allocation_count()
var estimates = 0
let frames = 200..<700
_ = try EnhancementPipeline(job).run { frame in
  if frame.frame == frames.lowerBound { allocation_count_begin() }
  if frame.frame == frames.upperBound { count = allocation_count_end() }
  if frames.contains(frame.frame), !frame.reused { estimates += 1 }
}
print(
  "{\"frames\":\(frames.count),\"bytes\":\(count.bytes),\"calls\":\(count.calls),\"estimates\":\(estimates)}")
