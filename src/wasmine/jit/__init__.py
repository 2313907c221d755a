"""Native code: assemblers and the memory that code lives in."""
