// Written by tools/tables.py.
#pragma once

#include "../../vectors/vector.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::tables {

constexpr float power_coefficient[7] = {0x1p+0F,         -0x1p+0F,      0x1.fffff4p-2F,
                                        -0x1.555486p-3F, 0x1.555d8p-5F, -0x1.123f36p-7F,
                                        0x1.673cf4p-10F};

constexpr LongLookup bell_correction = {
    {{0x1.7f89eap-20F, 0x1.7fb3fap-20F, 0x1.7f2e44p-20F, 0x1.7f7cc6p-20F, 0x1.7f7a32p-20F,
      0x1.7f637p-20F, 0x1.7e9854p-20F, 0x1.7f8738p-20F, 0x1.803802p-20F, 0x1.7f3a38p-20F,
      0x1.7fdf0cp-20F, 0x1.7d191cp-20F, 0x1.7ea1aep-20F, 0x1.847d1cp-20F, 0x1.797d1cp-20F,
      0x1.7f7d1cp-20F}},
    {{0x1.7f7d1cp-20F, 0x1.7f78d8p-20F, 0x1.7f7448p-20F, 0x1.7f6ad2p-20F, 0x1.7f572ep-20F,
      0x1.7f2e58p-20F, 0x1.7f7d1cp-20F, 0x1.7f7d1cp-20F, 0x1.7f7d1cp-20F, 0x1.7f7d1cp-20F,
      0x1.7f7d1cp-20F, 0x1.7f7d1ep-20F, 0x1.7f7d26p-20F, 0x1.7f7d46p-20F, 0x1.7f7ddp-20F,
      0x1.7f801cp-20F}}};

constexpr LongLookup bell_coefficient[7] = {
    {{{0x1.fff8p-81F, 0x1.fffp-81F, 0x1.ffe002p-81F, 0x1.ffc006p-81F, 0x1.ff8018p-81F,
       0x1.ff006p-81F, 0x1.fe018p-81F, 0x1.fc05f8p-81F, 0x1.f817cp-81F, 0x1.f05e0ap-81F,
       0x1.e1709ap-81F, 0x1.c5894ep-81F, 0x1.948b1p-81F, 0x1.47ae14p-81F, 0x1.c71c72p-82F,
       0x1p-82F}},
     {{0x1p-80F, 0x1p-80F, 0x1p-80F, 0x1p-80F, 0x1p-80F, 0x1p-80F, 0x1.fffffep-81F, 0x1.fffffcp-81F,
       0x1.fffff8p-81F, 0x1.fffffp-81F, 0x1.ffffep-81F, 0x1.ffffcp-81F, 0x1.ffff8p-81F,
       0x1.ffffp-81F, 0x1.fffep-81F, 0x1.fffcp-81F}}},
    {{{-0x1.fff002p-81F, -0x1.ffe002p-81F, -0x1.ffc006p-81F, -0x1.ff8014p-81F, -0x1.ff004ap-81F,
       -0x1.fe012p-81F, -0x1.fc047ep-81F, -0x1.f811ep-81F, -0x1.f04702p-81F, -0x1.e1183p-81F,
       -0x1.c442fap-81F, -0x1.902ddap-81F, -0x1.3aa51p-81F, -0x1.893752p-82F, -0x1.2f6838p-83F,
       -0x1.dd4d46p-109F}},
     {{-0x1p-80F, -0x1p-80F, -0x1p-80F, -0x1p-80F, -0x1p-80F, -0x1p-80F, -0x1.fffffep-81F,
       -0x1.fffffap-81F, -0x1.fffff2p-81F, -0x1.ffffe2p-81F, -0x1.ffffc2p-81F, -0x1.ffff82p-81F,
       -0x1.ffff02p-81F, -0x1.fffe02p-81F, -0x1.fffc02p-81F, -0x1.fff802p-81F}}},
    {{{0x1.ffep-82F, 0x1.ffcp-82F, 0x1.ff800ap-82F, 0x1.ff0036p-82F, 0x1.fe00d8p-82F,
       0x1.fc035ap-82F, 0x1.f80d7p-82F, 0x1.f0358p-82F, 0x1.e0d412p-82F, 0x1.c340fcp-82F,
       0x1.8c8ed6p-82F, 0x1.2ee176p-82F, 0x1.49a0a8p-83F, 0x1.a36dp-87F, -0x1.2f6846p-84F,
       -0x1.ffff9cp-85F}},
     {{0x1.fffff4p-82F, 0x1.fffff8p-82F, 0x1.fffff8p-82F, 0x1.fffff8p-82F, 0x1.fffff8p-82F,
       0x1.fffffap-82F, 0x1.fffff8p-82F, 0x1.fffffp-82F, 0x1.ffffep-82F, 0x1.ffffcp-82F,
       0x1.ffff8p-82F, 0x1.ffffp-82F, 0x1.fffep-82F, 0x1.fffcp-82F, 0x1.fff8p-82F, 0x1.fffp-82F}}},
    {{{-0x1.552922p-83F, -0x1.54febap-83F, -0x1.54a998p-83F, -0x1.53fed8p-83F, -0x1.52aacep-83F,
       -0x1.5005fcp-83F, -0x1.4ac4acp-83F, -0x1.406aacp-83F, -0x1.2c50e8p-83F, -0x1.066f8cp-83F,
       -0x1.866816p-84F, -0x1.663178p-85F, 0x1.36e562p-86F, 0x1.e265e6p-85F, 0x1.5109d6p-85F,
       -0x1.bca068p-99F}},
     {{-0x1.555486p-83F, -0x1.555486p-83F, -0x1.55547ep-83F, -0x1.55547p-83F, -0x1.555454p-83F,
       -0x1.55541cp-83F, -0x1.5553aap-83F, -0x1.5553ap-83F, -0x1.55538ap-83F, -0x1.55536p-83F,
       -0x1.55530ap-83F, -0x1.55526p-83F, -0x1.55510cp-83F, -0x1.554e6p-83F, -0x1.55490cp-83F,
       -0x1.553e66p-83F}}},
    {{{0x1.550044p-85F, 0x1.54acd6p-85F, 0x1.54034p-85F, 0x1.52ab8ap-85F, 0x1.50048p-85F,
       0x1.4ac222p-85F, 0x1.40511ap-85F, 0x1.2bea86p-85F, 0x1.04e49p-85F, 0x1.7b3e84p-86F,
       0x1.1d113ep-87F, -0x1.62870ep-87F, -0x1.ab656ap-86F, -0x1.3dfb9ep-86F, 0x1.3aaf9ap-88F,
       0x1.56342ap-87F}},
     {{0x1.555d8p-85F, 0x1.555b6cp-85F, 0x1.555b3ap-85F, 0x1.555ae8p-85F, 0x1.555a4p-85F,
       0x1.55577cp-85F, 0x1.5554dap-85F, 0x1.5554cap-85F, 0x1.55549ap-85F, 0x1.55544ap-85F,
       0x1.55539ap-85F, 0x1.55524ap-85F, 0x1.554fa8p-85F, 0x1.554a4ap-85F, 0x1.553fa6p-85F,
       0x1.552a72p-85F}}},
    {{{-0x1.11fae4p-87F, -0x1.1159bcp-87F, -0x1.103a38p-87F, -0x1.0e396cp-87F, -0x1.09ed7p-87F,
       -0x1.01211cp-87F, -0x1.e0e88cp-88F, -0x1.9fb65p-88F, -0x1.26afd8p-88F, -0x1.53ff96p-90F,
       0x1.c0f71p-89F, 0x1.050b0ep-87F, 0x1.d1173ap-88F, -0x1.10d4f2p-89F, -0x1.ad99a6p-88F,
       -0x1.ad954ep-94F}},
     {{-0x1.123f36p-87F, -0x1.123f24p-87F, -0x1.124236p-87F, -0x1.124734p-87F, -0x1.125132p-87F,
       -0x1.12652ap-87F, -0x1.128d7cp-87F, -0x1.128cf6p-87F, -0x1.128d14p-87F, -0x1.128c28p-87F,
       -0x1.128b76p-87F, -0x1.1288ecp-87F, -0x1.1283dcp-87F, -0x1.127c1p-87F, -0x1.126a4ap-87F,
       -0x1.12460ep-87F}}},
    {{{0x1.6b591ap-90F, 0x1.688efep-90F, 0x1.651238p-90F, 0x1.61d484p-90F, 0x1.569ef6p-90F,
       0x1.3d4f98p-90F, 0x1.139608p-90F, 0x1.80b1e6p-91F, 0x1.6b83cap-93F, -0x1.7aa652p-91F,
       -0x1.d8634ap-90F, -0x1.0bfc1ep-89F, 0x1.f0f1e4p-94F, 0x1.6e4a2ap-89F, 0x1.8bbc5ep-92F,
       -0x1.57baaap-90F}},
     {{0x1.673cf4p-90F, 0x1.6874f6p-90F, 0x1.689d62p-90F, 0x1.68d9aap-90F, 0x1.6956d8p-90F,
       0x1.6b4ee4p-90F, 0x1.6d441p-90F, 0x1.6d3d86p-90F, 0x1.6d42f6p-90F, 0x1.6d3b6cp-90F,
       0x1.6d3eaap-90F, 0x1.6d32d2p-90F, 0x1.6d1dap-90F, 0x1.6d1182p-90F, 0x1.6cdf52p-90F,
       0x1.6c6a9p-90F}}}};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::tables
