import CKernels
import Testing

@Suite struct TableTests {
  @Test func picksTheWidestThatTheMaskAllows() {
    let avx2 = UInt32(ZDK_CPU_AVX2)
    let avx512 = UInt32(ZDK_CPU_AVX512)
    for mask in [0, avx2, avx512, avx2 | avx512, .max] {
      let allowed = mask & zdk_cpu_flags()
      let expected = allowed & avx512 != 0 ? "avx512" : allowed & avx2 != 0 ? "avx2" : "plain"
      #expect(Table(mask: mask).description == expected)
    }
    #expect(zdk_cpu_flags() & ~(avx2 | avx512) == 0)
  }

  /// The tables last: the same one is given every time.
  @Test(arguments: Table.all)
  func tablesAreStatic(_ table: Table) {
    #expect(zdk_kernels_for(table.mask) == zdk_kernels_for(table.mask))
  }
}
