package org.jauss.report;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** A document as the JDK's parser of XML reads it, which takes nothing that is not well-formed. */
record Page(Element root) {
    static Page parse(String markup) {
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null); // by default it prints
            builder.setEntityResolver((name, address) -> new InputSource(new StringReader(""))); // nothing is fetched
            return new Page(
                    builder.parse(new InputSource(new StringReader(markup))).getDocumentElement());
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new AssertionError(e.getMessage() + "\n" + markup, e);
        }
    }

    List<Element> elements(String name) {
        NodeList found = root.getElementsByTagNameNS("*", name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    List<String> texts(String name) {
        return elements(name).stream().map(Element::getTextContent).toList();
    }

    /** The names of all elements, in order. */
    List<String> outline() {
        return elements("*").stream().map(Element::getLocalName).toList();
    }
}
