"""Names that have broken drawing tools: quotes, markup, controls, other directions, other planes, very long ones."""

NASTY = [
    '"];<script>alert(1)</script>', "{a|b}", "\\N \\G \\l \\", "<b>bold</b>", "<x>", "&lt;i&gt; &amp; &#65;", "שלום",
    "مرحبا x", "\u202egpj.exe", "nul\x00ctrl\x1b[31m\n\r\t", "한국어 이름 🙂", "a" * 100, "\ud800lone", " ", "",
    "line\u2028sep", "-->", "]]>", "\\", '"', "'", "%s %n", "n0", "cluster_c0", "graph", "é̂̃", "\ufffe\uffff", "a_n0",
    "javascript:alert(1)", "a:b", "x\\", "<lambda>", "<lambda> <map>", "{{}}", "}", "a;b", "c0", "e0", "notice", "NaN",
    "' onload='alert(1)", '" onmouseover="alert(1)', "<!--", "<![CDATA[", "<?xml?>", "</svg>", "</title>", "</pre>",
    "</details></figure>", "</style>", "${x}", "`x`", "data:text/html,x", "url(#a)", "\U000e0041", "🏳️‍🌈", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙",
    "ﷺ", "\u0338", "\u200b", "\ufeff", "\u2066\u2067x\u2069", "x" * 100_000, "\x7f\x80\x9f", "\x85", "𝕏",
    "\udc80\ud83d",
]  # fmt: skip
