;; Bytes that are no module (core specification, section 5).

;; Header and sections

(assert_malformed (module binary "") "unexpected end")
(assert_malformed (module binary "\00as") "unexpected end")
(assert_malformed (module binary "wasm\01\00\00\00") "magic header not detected")
(assert_malformed (module binary "\00asm\01\00") "unexpected end")
(assert_malformed (module binary "\00asm\02\00\00\00") "unknown binary version")
(assert_malformed (module binary "\00asm\0d\00\01\00") "unknown binary version")
(assert_malformed (module binary "\00asm\01\00\00\00" "\0e\00") "malformed section id")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\05\00") "length out of bounds")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\02\00\00") "section size mismatch")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\03\01\60\00\00") "section size mismatch")
(assert_malformed (module binary "\00asm\01\00\00\00" "\03\01\00" "\01\01\00") "unexpected content after last section")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\01\00" "\01\01\00") "unexpected content after last section")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\80\80\80\80\80\00") "integer representation too long")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\80\80\80\80\10") "integer too large")
(assert_malformed (module binary "\00asm\01\00\00\00" "\00\01\02") "length out of bounds")
(assert_malformed (module binary "\00asm\01\00\00\00" "\00\02\01\ff") "malformed UTF-8 encoding")
(assert_malformed (module binary "\00asm\01\00\00\00" "\00\00" "\00") "unexpected end")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\02\05\60") "length out of bounds")

;; Types

(assert_malformed (module binary "\00asm\01\00\00\00" "\01\02\01\61") "malformed definition type")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\05\01\60\01\40\00") "malformed value type")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\05\01\60\01\78\00") "malformed value type")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\06\01\60\01\63\40\00") "malformed heap type")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\05\01\5f\01\40\00") "malformed storage type")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\05\01\5f\01\7f\02") "malformed mutability")
(assert_malformed (module binary "\00asm\01\00\00\00" "\06\05\01\7f\02\41\00\0b") "malformed mutability")
(assert_malformed (module binary "\00asm\01\00\00\00" "\04\04\01\7f\00\00") "malformed reference type")
(assert_malformed (module binary "\00asm\01\00\00\00" "\04\04\01\70\02\00") "malformed limits flags")
(assert_malformed (module binary "\00asm\01\00\00\00" "\04\05\01\40\01\70\00\00\0b") "zero byte expected")
(assert_malformed (module binary "\00asm\01\00\00\00" "\05\03\01\10\00") "malformed limits flags")
(assert_malformed (module binary "\00asm\01\00\00\00" "\05\04\01\08\00\40") "invalid custom page size")

;; Imports, exports, segments

(assert_malformed (module binary "\00asm\01\00\00\00" "\02\05\01\00\00\05\00") "malformed import kind")
(assert_malformed (module binary "\00asm\01\00\00\00" "\02\06\01\01\80\00\00\00") "malformed UTF-8 encoding")
(assert_malformed (module binary "\00asm\01\00\00\00" "\07\04\01\00\05\00") "malformed export kind")
(assert_malformed (module binary "\00asm\01\00\00\00" "\07\05\01\01\c0\00\00") "malformed UTF-8 encoding")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\0d\03\01\01\00")
  "zero byte expected")
(assert_malformed (module binary "\00asm\01\00\00\00" "\09\02\01\08") "malformed elements segment kind")
(assert_malformed (module binary "\00asm\01\00\00\00" "\09\04\01\01\01\00") "malformed element kind")
(assert_malformed (module binary "\00asm\01\00\00\00" "\0b\02\01\03") "malformed data segment kind")
(assert_malformed (module binary "\00asm\01\00\00\00" "\0b\04\01\01\05x") "unexpected end")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00")
  "function and code section have inconsistent lengths")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\0a\04\01\02\00\0b")
  "function and code section have inconsistent lengths")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\0c\01\01")
  "data count and data section have inconsistent lengths")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\0c\01\00" "\0b\03\01\01\00")
  "data count and data section have inconsistent lengths")

;; Code: each of these is a body in a module of one function, with one memory

(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\05\01\03\00\ff\0b")
  "illegal opcode ff")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\06\01\04\00\fc\20\0b")
  "illegal opcode fc 20")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\04\01\02\00\01")
  "unexpected end of section or function")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\03\02\00\00" "\0a\07\02\02\00\01\02\00\0b")
  "END opcode expected")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\05\01\03\00\0b\0b")
  "section size mismatch")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\04\01\02\00\01" "\0b\01\00")
  "section size mismatch")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\0c\01\0a\00\41\80\80\80\80\80\00\1a\0b")
  "integer representation too long")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\0b\01\09\00\41\80\80\80\80\10\1a\0b")
  "integer too large")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\0c\01\0a\02\ff\ff\ff\ff\0f\7f\01\7f\0b")
  "too many locals")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\05\03\01\00\01"
    "\0a\0b\01\09\00\41\00\28\80\01\00\1a\0b")
  "malformed memop flags")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\05\03\01\00\01"
    "\0a\0e\01\0c\00\41\00\41\00\41\00\fc\08\00\00\0b")
  "data count section required")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\07\01\05\00\fe\03\01\0b")
  "zero byte expected")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\07\01\05\00\02\78\0b\0b")
  "malformed value type")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\07\01\05\00\d0\40\1a\0b")
  "malformed heap type")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\0b\01\09\00\00\fb\18\04\00\6e\6e\0b")
  "malformed cast flags")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00" "\0a\0a\01\08\00\1f\40\01\04\00\0b\0b")
  "malformed catch clause")

;; What looks odd, but is a module

(module binary "\00asm\01\00\00\00" "\00\05\04test")
(module binary "\00asm\01\00\00\00" "\00\02\00x" "\01\81\80\00\00" "\00\01\00")
(module binary "\00asm\01\00\00\00" "\01\85\80\80\00\01\60\80\00\00")
(module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
  "\0a\11\01\0f\03\00\7f\01\7e\00\7d\41\ff\ff\ff\ff\7f\1a\0b")
(module binary "\00asm\01\00\00\00" "\00\06\04name\05")
