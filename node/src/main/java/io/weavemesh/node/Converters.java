package io.weavemesh.node;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.dns.edge.ListenAddress;
import io.weavemesh.plugin.NetworkDriver.Scope;
import java.time.Duration;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads option values into the contract's types; a bad value is named with what was expected. */
final class Converters {

    private Converters() {}

    static void register(CommandLine line) {
        line.registerConverter(Cidr.class, converter(Cidr::parseSubnet));
        line.registerConverter(Fqdn.class, converter(Fqdn::parse));
        line.registerConverter(IpAddress.class, converter(IpAddress::parse));
        line.registerConverter(PeerName.class, converter(PeerName::parse));
        line.registerConverter(Duration.class, converter(Converters::duration));
        line.registerConverter(ListenAddress.class, converter(ListenAddress::parse));
        line.registerConverter(Scope.class, converter(Scope::parse));
        line.registerConverter(HostPort.class, converter(HostPort::parse));
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }

    /** Reads {@code 500ms}, {@code 5s} or {@code 2m}. */
    static Duration duration(String text) {
        if (text.matches("\\d{1,9}ms")) {
            return Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)));
        }
        if (text.matches("\\d{1,6}s")) {
            return Duration.ofSeconds(Long.parseLong(text.substring(0, text.length() - 1)));
        }
        if (text.matches("\\d{1,6}m")) {
            return Duration.ofMinutes(Long.parseLong(text.substring(0, text.length() - 1)));
        }
        throw new IllegalArgumentException("'" + text + "' is not a duration (expected for example 500ms, 5s or 2m)");
    }
}
