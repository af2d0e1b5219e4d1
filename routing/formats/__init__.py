"""Problems and plans as files: VROOM's JSON, and the formats of public benchmarks."""
