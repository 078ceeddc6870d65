(module
  (memory (export "memory") 64)
  (func (export "dot") (param $query i32) (param $vectors i32) (param $count i32) (param $dimensions i32) (param $out i32)
    (local $at i32) (local $end i32) (local $sum v128)
    (loop $next
      (local.set $at (local.get $query))
      (local.set $end (i32.add (local.get $query) (local.get $dimensions)))
      (local.set $sum (v128.const i32x4 0 0 0 0))
      (loop $lane
        (local.set $sum (i32x4.add (local.get $sum)
          (i32x4.add
            (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (v128.load (local.get $at))) (i16x8.extend_low_i8x16_s (v128.load (local.get $vectors))))
            (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (v128.load (local.get $at))) (i16x8.extend_high_i8x16_s (v128.load (local.get $vectors)))))))
        (local.set $vectors (i32.add (local.get $vectors) (i32.const 16)))
        (br_if $lane (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      (i32.store (local.get $out) (i32.add
        (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
        (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
      (local.set $out (i32.add (local.get $out) (i32.const 4)))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))
