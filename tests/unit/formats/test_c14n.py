"""Canonical XML, elements left out, and elements that stand alone."""

from lxml import etree

from tallystick.formats import c14n, xml_in

DOCUMENT = b"""<?xml version="1.0"?><a xmlns="urn:a" xmlns:b="urn:b" y="2" x="1">
 <b:one/> <two>t &amp; &gt; u</two><!-- gone --> tail
</a>"""


def test_the_canonical_form_has_sorted_attributes_end_tags_and_no_comments() -> None:
    root = xml_in.parse(DOCUMENT, blanks=True)
    start = b'<a xmlns="urn:a" xmlns:b="urn:b" x="1" y="2">\n <b:one></b:one> '
    assert c14n.canonical(root) == start + b"<two>t &amp; &gt; u</two> tail\n</a>"


def test_an_element_that_is_left_out_leaves_the_text_around_it() -> None:
    root = xml_in.parse(b"<a>1<b>gone</b>2<c>stays</c>3<d/>4</a>", blanks=True)
    c14n.leave_out([root[0], root[2]])
    assert c14n.canonical(root) == b"<a>12<c>stays</c>34</a>"
    c14n.leave_out([root])  # a root has nothing to be taken out of
    assert root.tag == "a"


def test_blanks_are_kept_only_where_they_are_asked_for() -> None:
    assert c14n.canonical(xml_in.parse(b"<a> <b/> </a>")) == b"<a><b></b></a>"
    assert c14n.canonical(xml_in.parse(b"<a> <b/> </a>", blanks=True)) == b"<a> <b></b> </a>"


def test_an_element_standing_alone_declares_what_it_and_its_children_need_and_no_more() -> None:
    root = etree.fromstring(
        '<r xmlns="urn:r" xmlns:p="urn:p" xmlns:q="urn:q"><p:a Id="1&quot;&amp;"><q:b A="x"/>\r\n'
        "<q:c>1 &lt; 2 &amp; 3 &gt; 2</q:c><p:d><q:e/></p:d></p:a></r>"
    )
    assert c14n.standing_alone(root[0]) == (
        '<p:a xmlns:p="urn:p" Id="1&quot;&amp;"><q:b xmlns:q="urn:q" A="x"/>\n'
        '<q:c xmlns:q="urn:q">1 &lt; 2 &amp; 3 &gt; 2</q:c><p:d><q:e xmlns:q="urn:q"/></p:d></p:a>'
    )
    assert c14n.standing_alone(root).startswith('<r xmlns="urn:r"><p:a xmlns:p="urn:p"')
